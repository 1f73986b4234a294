"""Debian's web servers, which serve files to the tests, and Comunica, which reads them.

A pytest plugin (`tests/conftest.py` names it) with the fixture ``comunica``.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.required import missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

_APACHE = """
ServerRoot @FOLDER@
ServerName 127.0.0.1
Listen 127.0.0.1:@PORT@
PidFile @FOLDER@/pid
ErrorLog @FOLDER@/log
LoadModule mpm_event_module @MODULES@/mod_mpm_event.so
LoadModule authz_core_module @MODULES@/mod_authz_core.so
LoadModule dir_module @MODULES@/mod_dir.so
LoadModule headers_module @MODULES@/mod_headers.so
LoadModule mime_module @MODULES@/mod_mime.so
LoadModule rewrite_module @MODULES@/mod_rewrite.so
TypesConfig /dev/null
@USER@
DocumentRoot @SITE@
<Directory @SITE@>
AllowOverride All
Options FollowSymLinks
</Directory>
"""
_NGINX = """
pid @FOLDER@/pid; error_log @FOLDER@/log; worker_processes 1; daemon off;
@USER@
events {}
http {
access_log off; client_body_temp_path @FOLDER@/a; proxy_temp_path @FOLDER@/b; fastcgi_temp_path @FOLDER@/c;
uwsgi_temp_path @FOLDER@/d; scgi_temp_path @FOLDER@/e;
@SETTINGS@
}
"""


def readable_folder(above: Path | None = None) -> Path:
    """Make a folder that the servers can read: they leave root's rights, and pytest's folders are closed to others."""
    folder = Path(tempfile.mkdtemp(dir=above))
    folder.chmod(0o755)
    return folder


def apache(site: Path) -> AbstractContextManager[str]:
    """Start Debian's Apache for a folder with its ``.htaccess``, and return its address."""
    values = {"SITE": str(site), "MODULES": "/usr/lib/apache2/modules", "USER": "User www-data\nGroup www-data"}
    return _running("apache2", "apache", _APACHE, ("-DFOREGROUND", "-f"), values)


def nginx(site: Path, root: Path | None = None) -> AbstractContextManager[str]:
    """Start Debian's nginx for a folder with the settings in its ``nginx.conf.txt``, and return its address.

    Args:
        site: the folder.
        root: the folder at the root of the host, where the site is below a path.

    """
    settings = (site / "nginx.conf.txt").read_text(encoding="utf-8")
    settings = settings.replace("listen 80;", "listen 127.0.0.1:@PORT@;").replace(
        "/var/www/evgraph;", f"{root or site};"
    )
    return _running("nginx", "nginx", _NGINX, ("-c",), {"SETTINGS": settings, "USER": "user www-data;"})


@contextmanager
def _running(
    name: str, requirement: str, configuration: str, options: Sequence[str], values: dict[str, str]
) -> Iterator[str]:
    program = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if program is None:
        missing(requirement, f"{name} is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = readable_folder()
    user = values["USER"] if os.geteuid() == 0 else ""
    for variable, value in (values | {"USER": user, "FOLDER": str(folder), "PORT": str(port)}).items():
        configuration = configuration.replace(f"@{variable}@", value)
    (folder / "configuration").write_text(configuration, encoding="utf-8")
    process = subprocess.Popen([program, *options, folder / "configuration"], stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        transport = httpx.HTTPTransport(retries=8)  # It waits longer each time, 16 s in all.
        with httpx.Client(transport=transport) as client:
            client.get(address)
        yield address
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def comunica(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return Comunica's command: of ``EVGRAPH_COMUNICA``, of this machine, or from npm."""
    found = os.environ.get("EVGRAPH_COMUNICA") or shutil.which("comunica-sparql")
    if found:
        return found
    if shutil.which("npm") is None:
        missing("comunica", "npm is not installed")
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # The same for all workers.
    command = folder / "node_modules" / ".bin" / "comunica-sparql"
    with (folder / "comunica.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not command.exists():
            options = ["--no-audit", "--no-fund", "--prefer-offline", "--prefix", str(folder)]
            subprocess.run(
                ["npm", "install", *options, "@comunica/query-sparql@4.5.0"], check=True, capture_output=True
            )
    return str(command)
