#!/usr/bin/env bash
# Install the gateways that `wellspent conformance` has profiles for: LiteLLM into .conformance/ (git-ignored), Portkey and TensorZero into
# .bench/ by scripts/setup_bench.sh, which measures the same two.
#
#   scripts/setup_conformance.sh                    # all of them
#   scripts/setup_conformance.sh litellm            # some of them
#
# LiteLLM is installed apart from the one that is measured, because its keys and budgets need its database, and that a Prisma client: the
# package "prisma" downloads Prisma's engines from Prisma's own server (binaries.prisma.sh) when it is generated. Where that server is out of
# reach there are no keys and no budgets, and LiteLLM is skipped, loudly; .conformance/litellm.why says why. Engines that are there already are
# named by Prisma's own variables (PRISMA_QUERY_ENGINE_BINARY, _LIBRARY, PRISMA_SCHEMA_ENGINE_BINARY), here and when the suite runs.
# The database itself is yours: an empty PostgreSQL, named by DATABASE_URL. LiteLLM makes its tables in it when it starts.
set -uo pipefail
cd "$(dirname "$0")/.."

litellm=${LITELLM_VERSION:-1.109.1}
litellm_extras=${LITELLM_EXTRAS_VERSION:-0.4.110}
prisma=${PRISMA_VERSION:-0.15.0}
opentelemetry=${OPENTELEMETRY_VERSION:-1.43.0}
uv=${UV_VERSION:-0.12.24}
python=${CONFORMANCE_PYTHON:-.venv/bin/python}
folder=$PWD/.conformance
skipped=0

# As in setup_bench.sh: the pinned litellm-proxy-extras is not on every registry, and the opentelemetry packages spare a failing import a call.
# The extras hold the migrations of LiteLLM's tables too: what a newer one would add to them is missing.
install_litellm() {
    "$python" -m venv "$folder/litellm" && "$folder/litellm/bin/python" -m pip install -q --disable-pip-version-check "uv==$uv" || return 1
    echo "litellm-proxy-extras==$litellm_extras" >"$folder/litellm.override"
    "$folder/litellm/bin/uv" pip install -q --python "$folder/litellm/bin/python" --override "$folder/litellm.override" \
        "litellm[proxy]==$litellm" "prisma==$prisma" "opentelemetry-api==$opentelemetry" "opentelemetry-sdk==$opentelemetry" \
        "opentelemetry-exporter-otlp==$opentelemetry" || return 1
    local schema
    schema=$(echo "$folder"/litellm/lib/python3*/site-packages/litellm/proxy/schema.prisma)
    PATH=$folder/litellm/bin:$PATH "$folder/litellm/bin/prisma" generate --schema "$schema" >&2 || return 1
    echo "$litellm" >"$folder/litellm.version"
}

peers=("$@")
[ $# -gt 0 ] || peers=(litellm portkey tensorzero)
mkdir -p "$folder"
for peer in "${peers[@]}"; do
    case $peer in
        portkey | tensorzero)
            scripts/setup_bench.sh "$peer" && [ -e ".bench/$peer.version" ] || { skipped=$((skipped + 1)); continue; }
            echo "  wellspent conformance --profile $peer --program .bench/$peer" ;;
        litellm)
            if [ "$(cat "$folder/litellm.version" 2>/dev/null)" != "$litellm" ]; then
                rm -rf "${folder:?}/litellm" "$folder/litellm.version" "$folder/litellm.why"
                if ! install_litellm 2>"$folder/litellm.log"; then
                    { grep -i 'error' "$folder/litellm.log" || tail -1 "$folder/litellm.log"; } | head -1 | cut -c1-200 >"$folder/litellm.why"
                    echo "setup_conformance: SKIPPED litellm: $(cat "$folder/litellm.why")" >&2
                    skipped=$((skipped + 1))
                    continue
                fi
            fi
            echo "litellm $litellm"
            echo "  DATABASE_URL=postgresql://… wellspent conformance --profile litellm --program .conformance/litellm" ;;
        *) echo "setup_conformance: no gateway is called $peer" >&2; exit 2 ;;
    esac
done
command -v redis-server >/dev/null || echo "setup_conformance: redis-server is not installed: TensorZero has no limits then, LiteLLM's are in one process" >&2
[ "$skipped" = 0 ] || echo "setup_conformance: $skipped skipped; the others can be run" >&2
