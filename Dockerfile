# The operator and the command line, one file on Node 24 without a shell or a package manager; linux/amd64 and linux/arm64.
# The first stage runs on the machine's own architecture and the last one runs nothing: no emulation. Needs BuildKit.
# Where the two bases cannot be reached, give others: --build-arg BUILD_BASE=… --build-arg BASE=…
# Where npm needs settings of yours: --secret id=npmrc,src=$HOME/.npmrc; they are in no layer.
ARG BUILD_BASE=node:24-trixie-slim
ARG BASE=gcr.io/distroless/nodejs24-debian13:nonroot

FROM --platform=$BUILDPLATFORM ${BUILD_BASE} AS build
WORKDIR /plimsoll
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=secret,id=npmrc NPM_CONFIG_USERCONFIG=/run/secrets/npmrc npm ci --ignore-scripts
COPY . .
RUN npm run build

FROM ${BASE}
COPY --from=build /plimsoll/dist/plimsoll.mjs /plimsoll/dist/plimsoll.mjs.map /plimsoll/dist/sbom.json /plimsoll/LICENSE /plimsoll/
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "/plimsoll/plimsoll.mjs"]
CMD ["operator"]
