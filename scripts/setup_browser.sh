#!/usr/bin/env bash
# Install what tests/browser needs: Chromium from apt where it is missing, and axe-core (accessibility rules) into .browser/ (git-ignored).
set -euo pipefail
cd "$(dirname "$0")/.."

axe=${AXE_VERSION:-4.11.0}
folder=.browser
needed=()
command -v chromium >/dev/null || command -v google-chrome >/dev/null || needed+=(chromium)
command -v npm >/dev/null || needed+=(nodejs npm)
if [ "${#needed[@]}" -gt 0 ]; then
    if ! command -v apt-get >/dev/null; then
        echo "setup_browser: ${needed[*]} missing, and there is no apt-get to install with; install Chromium and Node yourself" >&2
        exit 1
    fi
    as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${needed[@]}"
fi

if [ "$(cat "$folder/.installed" 2>/dev/null)" != "axe-core $axe" ]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error "axe-core@$axe"
    echo "axe-core $axe" >"$folder/.installed"
fi
