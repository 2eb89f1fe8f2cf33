"""The embedded PostgreSQL's configuration: a small machine, little memory, no content in the log."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

PORT = 5432
"""Only part of the socket's name; there is no TCP port."""
_SOCKET_PATH_BYTES = 107
"""The longest path of a Unix socket on Linux (`sun_path` without its final NUL)."""

SETTINGS: Mapping[str, str] = {
    # Memory and processes.
    "max_connections": "60",
    "shared_buffers": "64MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "1GB",
    "io_method": "sync",  # the default runs three more processes
    "max_parallel_workers_per_gather": "0",  # starting a worker takes longer than our searches
    "max_parallel_maintenance_workers": "0",  # a parallel index build fails on a 64 MB /dev/shm (containers)
    "autovacuum_max_workers": "2",
    "autovacuum_worker_slots": "2",
    # The planner assumes one row for a company newer than the statistics: joins over its first thousands are slow.
    "autovacuum_naptime": "10s",
    "autovacuum_vacuum_scale_factor": "0.1",
    # Write-ahead log: there is no replication.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "wal_compression": "on",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    # Plans: a generic plan made hybrid search ten times slower (docs/decisions/0007-custom-plans.md).
    "jit": "off",
    "plan_cache_mode": "force_custom_plan",
    "random_page_cost": "1.1",
    # Sessions.
    "idle_in_transaction_session_timeout": "60s",
    "client_connection_check_interval": "10s",
    "timezone": "UTC",
    # The log contains no content. An error's text may quote a value, its DETAIL a row, its STATEMENT a
    # literal: errors go to the caller, and only messages about the server itself are logged (LOG, FATAL, PANIC).
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_timezone": "UTC",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
}


def socket_directory(data_dir: Path) -> Path:
    """`data_dir/run`, or a short directory of its own if that path cannot hold a socket.

    It may be too long, or contain a comma, which libpq takes as a separator.
    """
    near = data_dir / "run"
    if len(os.fsencode(near / f".s.PGSQL.{PORT}")) <= _SOCKET_PATH_BYTES and "," not in str(near):
        return near
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    # Fixed places: every process must find the same one, whatever its environment.
    return Path("/run" if os.geteuid() == 0 else "/tmp") / f"lethe-{os.geteuid()}-{digest}"  # noqa: S108


def configuration(
    settings: Mapping[str, str],
    *,
    pgdata: Path,
    config_dir: Path,
    sockets: Path,
    operator: str,
    roles: tuple[str, ...],
) -> dict[str, str]:
    """The configuration files by name: `pgdata` is served through a socket in `sockets`, only to the system user
    `operator`, who may log in as any of `roles`.
    """
    fixed = {
        "data_directory": str(pgdata),
        "hba_file": str(config_dir / "pg_hba.conf"),
        "ident_file": str(config_dir / "pg_ident.conf"),
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": _list_item(str(sockets)),
        "unix_socket_permissions": "0700",
    }
    lines = [f"{name} = {_quoted(value)}" for name, value in {**settings, **fixed}.items()]
    head = "# Written by Lethe at every start: use ALTER SYSTEM for changes.\n"
    return {
        "postgresql.conf": head + "\n".join(lines) + "\n",
        "pg_hba.conf": head + "local all all peer map=lethe\n",
        "pg_ident.conf": head + "".join(f'lethe "{operator}" {role}\n' for role in roles),
    }


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _list_item(value: str) -> str:
    """An element of a comma-separated setting, which may itself contain commas and spaces."""
    return '"' + value.replace('"', '""') + '"'
