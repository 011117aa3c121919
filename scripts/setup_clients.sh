#!/usr/bin/env bash
# Install the coding agents that tests/clients runs, into .clients/ (git-ignored: they are never part of this repository).
#
#   scripts/setup_clients.sh
#   CLAUDE_CODE_VERSION=2.1.330 CODEX_VERSION=0.169.0 scripts/setup_clients.sh     # other versions
#
# The versions are exact and over a week old when chosen. Lifecycle scripts of packages do not run, but for Claude Code's own, which puts its
# binary in place. Node and npm come from apt where they are missing. Nothing is done where the versions are there already.
set -euo pipefail
cd "$(dirname "$0")/.."

claude_code=${CLAUDE_CODE_VERSION:-2.1.325}
codex=${CODEX_VERSION:-0.169.0}
folder=.clients
wanted="claude-code $claude_code, codex $codex"

if [ "$(cat "$folder/.installed" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    if ! command -v apt-get >/dev/null; then
        echo "setup_clients: node and npm are missing, and there is no apt-get to install them with; install Node 18 or newer" >&2
        exit 1
    fi
    as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm
fi

rm -rf "$folder"
mkdir -p "$folder"
npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error \
    "@anthropic-ai/claude-code@$claude_code" "@openai/codex@$codex"
(cd "$folder/node_modules/@anthropic-ai/claude-code" && node install.cjs)

"$folder/node_modules/.bin/claude" --version
"$folder/node_modules/.bin/codex" --version
echo "$wanted" >"$folder/.installed"
