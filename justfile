# Shortcuts for people at work (https://just.systems). What they call works without `just`, too.

# Lists them.
default:
    @just --list

# The quick lane: formatting, clippy, unit tests and the fast part of the suite.
check:
    .ci/quick

# All tests, or those with a part of their name: `just test keys`.
test *names:
    cargo test --locked {{names}}

# The load program against a release build: `just bench fanout --connections 200`.
bench *arguments="pairs":
    cargo build --release --locked
    cargo run --release --locked --bin parlor-load -- {{arguments}}

# The pictures in docs, made anew.
screenshots:
    cargo build --locked
    npm ci --prefix tests/browser
    node tests/browser/screenshots.mjs
