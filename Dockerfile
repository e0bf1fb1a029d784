# The operator and the command line, one file on Node 24 without a shell or a package manager.
# Where the two bases cannot be reached, give others: --build-arg BUILD_BASE=… --build-arg BASE=…
ARG BUILD_BASE=node:24-trixie-slim
ARG BASE=gcr.io/distroless/nodejs24-debian13:nonroot

FROM ${BUILD_BASE} AS build
WORKDIR /plimsoll
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build

FROM ${BASE}
COPY --from=build /plimsoll/dist/plimsoll.mjs /plimsoll/dist/plimsoll.mjs.map /plimsoll/LICENSE /plimsoll/
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "/plimsoll/plimsoll.mjs"]
CMD ["operator"]
