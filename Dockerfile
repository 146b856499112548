# syntax=docker/dockerfile:1

FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
# Dependencies first, with empty sources, so that this layer is rebuilt only when they change.
COPY Cargo.toml Cargo.lock rust-toolchain.toml ./
COPY crates/tasks/Cargo.toml crates/tasks/
COPY crates/simulator/Cargo.toml crates/simulator/
RUN mkdir -p src tests/it crates/tasks/src crates/tasks/tests/it crates/simulator/src crates/simulator/tests/it \
    && touch src/lib.rs tests/it/main.rs crates/tasks/src/lib.rs crates/tasks/tests/it/main.rs \
        crates/simulator/src/lib.rs crates/simulator/tests/it/main.rs \
    && echo 'fn main() {}' > src/main.rs \
    && cargo build --release --locked --bin cogsmith
COPY . .
# Newer than the empty sources above, whatever the checkout's times are.
RUN find . -name '*.rs' -not -path './target/*' -exec touch {} + \
    && cargo build --release --locked --bin cogsmith

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="cogsmith" \
      org.opencontainers.image.description="A Discord bot whose timers survive crashes" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
RUN useradd --system --uid 10001 --no-create-home cogsmith && install -d -o cogsmith /data
COPY --from=build /build/target/release/cogsmith /usr/local/bin/cogsmith
USER cogsmith
ENV DATABASE_URL=sqlite:///data/cogsmith.db
VOLUME /data
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s CMD ["cogsmith", "health"]
ENTRYPOINT ["cogsmith"]
CMD ["run"]
