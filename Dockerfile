# syntax=docker/dockerfile:1

FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
RUN apt-get update && apt-get install -y --no-install-recommends busybox-static gcc libc6-dev && rm -rf /var/lib/apt/lists/*
COPY . .
# What cargo fetched and built is kept from build to build, outside the image. Sources are newer than that,
# whatever the checkout's times are, so that no build takes another checkout's code for this one's.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/build/target,sharing=locked \
    find . -name '*.rs' -not -path './target/*' -exec touch {} + \
    && cargo build --release --locked --no-default-features --bin cogsmith \
    && install -D target/release/cogsmith /root-of-image/usr/local/bin/cogsmith
# The libraries that the binary asks for, a user, and a shell to look around with.
WORKDIR /root-of-image
RUN ldd usr/local/bin/cogsmith | grep -o '/[^ ]*' | xargs -I{} install -D {} ./{} \
    && install -D /bin/busybox bin/busybox \
    && for applet in cat df id ls ps sh; do ln -s busybox bin/$applet; done \
    && install -d etc && echo 'cogsmith:x:10001:10001::/:/bin/sh' > etc/passwd && echo 'cogsmith:x:10001:' > etc/group \
    && echo 'hosts: files dns' > etc/nsswitch.conf \
    && install -d -m 1777 tmp && install -d -o 10001 -g 10001 data

FROM scratch
LABEL org.opencontainers.image.title="cogsmith" \
      org.opencontainers.image.description="A Discord bot whose timers survive crashes" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /root-of-image /
USER 10001:10001
ENV PATH=/usr/local/bin:/bin \
    DATABASE_URL=sqlite:///data/cogsmith.db \
    HTTP_ADDRESS=0.0.0.0:8080
VOLUME /data
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s CMD ["cogsmith", "health"]
ENTRYPOINT ["cogsmith"]
CMD ["run"]
