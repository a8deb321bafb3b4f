# The executable, the C library it needs, and a user; no shell. Build it where dist/ is (npm run build -- --all):
#   docker build -t twampede .
#   docker run -d --network host twampede                      the responder on UDP port 20001
#   docker run --rm --network host twampede sender 192.0.2.1   anything else
# With --network host the host's clock stamps packets that its own interfaces have; through Docker's bridge and its
# translation of addresses delays are those of the bridge as well.
ARG DEBIAN=debian:12-slim
FROM ${DEBIAN} AS files
# Without a default: with BuildKit it would go before the platform that is built for.
ARG TARGETARCH
COPY dist/ /dist/
COPY scripts/packages/container.sh /
RUN sh /container.sh "${TARGETARCH:-$(dpkg --print-architecture)}" /dist /root-of-image

FROM scratch
COPY --from=files /root-of-image/ /
USER 65532:65532
# 862 is TWAMP's and STAMP's own port, 20001 this program's default; TCP 862 is for `server`.
EXPOSE 862/udp 20001/udp 862/tcp
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=2s CMD ["/usr/bin/twampede", "sender", "127.0.0.1:20001", "127.0.0.1:0", "-c", "3", "-i", "10", "--packet-timeout", "1", "-q"]
ENTRYPOINT ["/usr/bin/twampede"]
CMD ["responder"]
