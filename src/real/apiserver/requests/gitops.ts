/**
 * Who keeps an object in step with Git, as far as the object shows it: then a write of ours would be taken
 * back.
 *
 *   label or annotation of Argo CD, or of Flux's kustomize or helm controller   named
 *   one of their controllers among the field managers                          named
 *   anything else                                                              undefined: nobody
 */

export type Marks = Readonly<{
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  managers: readonly string[];
}>;

const KEEPERS: readonly Readonly<{ name: string; keys: RegExp; managers: RegExp }>[] = [
  {
    name: "Argo CD",
    keys: /^argocd\.argoproj\.io\/(instance|tracking-id)$/,
    managers: /^argocd(-application)?-controller$/,
  },
  {
    name: "Flux",
    keys: /^(kustomize|helm)\.toolkit\.fluxcd\.io\/name$/,
    managers: /^(kustomize|helm)-controller$/,
  },
];

export function gitOpsOf({ labels, annotations, managers }: Marks): string | undefined {
  const keys = [...Object.keys(labels), ...Object.keys(annotations)];
  const keeper = KEEPERS.find(
    (one) => keys.some((key) => one.keys.test(key)) || managers.some((manager) => one.managers.test(manager)),
  );
  return keeper?.name;
}
