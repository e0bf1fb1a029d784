/**
 * Names and identities, as types that cannot be handed to one another.
 */
declare const id: unique symbol;
type Id<Name extends string> = string & { readonly [id]: Name };

/** metadata.uid: the one thing that tells a recreated object from its namesake. */
export type Uid = Id<"Uid">;
/** metadata.name of a Node. */
export type NodeName = Id<"NodeName">;
/** `namespace/name` of an object whose kind is known from where the key is used. */
export type ObjectKey = Id<"ObjectKey">;

export const uid = (text: string): Uid => text as Uid;
export const nodeName = (text: string): NodeName => text as NodeName;
export const objectKey = (namespace: string, name: string): ObjectKey => `${namespace}/${name}` as ObjectKey;
