"""Who is measured: how each gateway is set up for one upstream, and why one cannot be.

All get the same request. In wellspent all that it does is on: a key, four hard budgets, metering, the hash-chained journal on disk. LiteLLM checks a
key; LiteLLM, Portkey and TensorZero run without a database, so without budgets or a ledger; nginx and Envoy only pass bytes on.
"""

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from wellspent.budgets.budget import Budget
from wellspent.facts.attribution import Scope
from wellspent.identity.settings import Settings

ROOT = Path(__file__).parents[1]
BENCH = ROOT / ".bench"
MODEL = "gpt-4o-mini"
PATH = "/v1/chat/completions"
LIMIT_NANOUSD = 10**18


class NotRun(Exception):
    """Why a gateway cannot be measured here."""


class Launch(Struct):
    """How to start a gateway, and how to call it.

    Attributes:
        port_file: Where a gateway that picks its own port writes its number.
    """

    command: list[str]
    env: dict[str, str]
    headers: dict[str, str]
    model: str = MODEL
    path: str = PATH
    port_file: Path | None = None


class Upstream(Struct, frozen=True):
    """Where the provider is; ``authority`` is the certificate that signed its own, where it speaks TLS."""

    port: int
    authority: Path | None = None

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}" if self.authority else f"http://127.0.0.1:{self.port}"


def wellspent(folder: Path, upstream: Upstream, port: int) -> Launch:
    upstreams = f'[[upstream]]\nname = "openai"\nkind = "openai"\nbase_url = "{upstream.url}/v1"\napi_key_env = "UPSTREAM_KEY"\n'
    (folder / "wellspent.toml").write_text(f'port = {port}\norg = "acme"\ndata_dir = "data"\n\n{upstreams}')
    (folder / "data").mkdir()
    with contextlib.closing(Settings.open(folder / "data" / "settings.db")) as settings:
        settings.add_team("core", org="acme")
        settings.add_person("ann", team="core")
        secret, key = settings.create_key("laptop", person="ann")
        for kind, name in (("org", "acme"), ("team", "core"), ("person", "ann"), ("key", key.id)):
            settings.set_budget(Budget(kind, Scope(kind, name), LIMIT_NANOUSD))
    env = {"WELLSPENT_CONFIG": str(folder / "wellspent.toml"), "UPSTREAM_KEY": "sk-upstream", **_trust(upstream)}
    return Launch([sys.executable, "-m", "wellspent", "serve"], env, {"authorization": f"Bearer {secret}"})


def nginx(folder: Path, upstream: Upstream, port: int) -> Launch:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        raise NotRun("nginx is not installed")
    scheme = "https" if upstream.authority else "http"
    (folder / "nginx.conf").write_text(f"""
worker_processes 1; daemon off; pid nginx.pid; error_log stderr crit;
events {{ worker_connections 8192; }}
http {{
  access_log off; tcp_nodelay on; client_body_buffer_size 64k; keepalive_requests 1000000000; keepalive_timeout 1h;
  client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  upstream provider {{ server 127.0.0.1:{upstream.port}; keepalive 2048; keepalive_requests 1000000000; keepalive_timeout 1h; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass {scheme}://provider; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; proxy_read_timeout 10m;
    }}
  }}
}}
""")
    return Launch([program, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", "stderr"], {}, {})


def envoy(folder: Path, upstream: Upstream, port: int) -> Launch:
    program = next(iter(BENCH.glob("envoy/lib/python*/site-packages/envoy/_bin/envoy")), None)
    if program is None:
        raise NotRun(_why("envoy"))
    types = "type.googleapis.com/envoy.extensions"
    route = {"match": {"prefix": "/"}, "route": {"cluster": "provider", "timeout": "0s"}}
    manager = {
        "@type": f"{types}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "in",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": {"@type": f"{types}.filters.http.router.v3.Router"}}],
    }
    cluster = {
        "name": "provider",
        "type": "STATIC",
        "circuit_breakers": {"thresholds": [{"max_connections": 8192, "max_pending_requests": 8192, "max_requests": 8192}]},
        "load_assignment": {"cluster_name": "provider", "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address(upstream.port)}}]}]},
    }
    if upstream.authority:
        context = {"@type": f"{types}.transport_sockets.tls.v3.UpstreamTlsContext", "sni": "localhost"}
        cluster["transport_socket"] = {"name": "envoy.transport_sockets.tls", "typed_config": context}
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    listener = {"name": "in", "address": _address(port), "filter_chains": [chain]}
    config = folder / "envoy.json"
    config.write_text(json.dumps({"static_resources": {"listeners": [listener], "clusters": [cluster]}}))
    return Launch([str(program), "-c", str(config), "--concurrency", "1", "--log-level", "error", "--disable-hot-restart"], {}, {})


def litellm(folder: Path, upstream: Upstream, port: int) -> Launch:
    program = _installed("litellm", "bin/litellm")
    model = {"model": f"openai/{MODEL}", "api_base": f"{upstream.url}/v1", "api_key": "sk-upstream"}
    config = {
        "model_list": [{"model_name": MODEL, "litellm_params": model}],
        "general_settings": {"master_key": "sk-loopback"},
        "litellm_settings": {"telemetry": False, "request_timeout": 600},
    }
    (folder / "litellm.yaml").write_text(json.dumps(config))
    command = [str(program), "--config", str(folder / "litellm.yaml"), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    return Launch(command, {"LITELLM_LOCAL_MODEL_COST_MAP": "True", **_trust(upstream)}, {"authorization": "Bearer sk-loopback"})


def portkey(folder: Path, upstream: Upstream, port: int) -> Launch:
    program = _installed("portkey", "node_modules/@portkey-ai/gateway/build/start-server.js")
    headers = {"x-portkey-provider": "openai", "x-portkey-custom-host": f"{upstream.url}/v1", "authorization": "Bearer sk-upstream"}
    return Launch([shutil.which("node") or "node", str(program), f"--port={port}", "--headless"], _trust(upstream), headers)


def tensorzero(folder: Path, upstream: Upstream, port: int) -> Launch:
    """Its own gateway, out of the wheel; it picks its port."""
    program = _installed("tensorzero", "bin/python")
    place = f'type = "openai"\nmodel_name = "{MODEL}"\napi_base = "{upstream.url}/v1"\napi_key_location = "none"\n'
    switches = "[gateway]\nobservability.enabled = false\nauth.enabled = false\n"
    (folder / "tensorzero.toml").write_text(f'{switches}[models.bench]\nrouting = ["up"]\n[models.bench.providers.up]\n{place}')
    code = (
        "import signal, sys, tensorzero, urllib.parse\n"
        "off = dict.fromkeys(('clickhouse_url', 'postgres_url', 'valkey_url'))\n"
        "gateway = tensorzero._start_http_gateway(config_file=sys.argv[1], async_setup=False, **off)\n"
        "open(sys.argv[2], 'w').write(str(urllib.parse.urlsplit(gateway.base_url).port))\n"
        "signal.pause()"
    )
    told = folder / "port"
    command = [str(program), "-c", code, str(folder / "tensorzero.toml"), str(told)]
    return Launch(command, _trust(upstream), {}, "tensorzero::model_name::bench", "/openai/v1/chat/completions", told)


Setup = Callable[[Path, Upstream, int], Launch]
PEERS: dict[str, Setup] = {each.__name__: each for each in (wellspent, nginx, envoy, litellm, portkey, tensorzero)}


def version(name: str) -> str:
    """What is measured under a name."""
    if name == "wellspent":
        commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
        return commit or "unknown"
    file = BENCH / f"{name}.version"
    return file.read_text().strip() if file.exists() else "not installed by scripts/setup_bench.sh"


def _installed(name: str, program: str) -> Path:
    path = BENCH / name / program
    if not path.exists():
        raise NotRun(_why(name))
    return path


def _why(name: str) -> str:
    file = BENCH / f"{name}.why"
    return f"not installed: {file.read_text().strip()}" if file.exists() else "not installed; run scripts/setup_bench.sh"


def _trust(upstream: Upstream) -> dict[str, str]:
    authority = str(upstream.authority)
    return {"SSL_CERT_FILE": authority, "NODE_EXTRA_CA_CERTS": authority} if upstream.authority else {}


def _address(port: int) -> dict[str, object]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
