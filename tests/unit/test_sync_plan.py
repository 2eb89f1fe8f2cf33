"""What `lethe sync` plans makes the server like the folder, whatever both were before."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lethe.cli.contents.sync import plan
from lethe.cli.contents.sync.local import LocalFile, Stamp
from lethe.cli.contents.sync.memory import Synced

PATHS = st.sampled_from(["a", "b", "c/a", "c/d"])
CONTENTS = st.sampled_from(["x", "y", "z"])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(PATHS, CONTENTS), st.dictionaries(PATHS, CONTENTS), st.booleans())
def test_after_a_plan_was_done_the_server_has_the_files_and_nothing_is_left_to_do(
    before: dict[str, str], after: dict[str, str], delete: bool
) -> None:
    server: dict[str, tuple[str, str]] = {}  # id -> path, content
    known: dict[str, Synced] = {}
    for files in (before, after):
        local = [LocalFile(path, Stamp(len(files), ord(content))) for path, content in files.items()]
        for round_ in range(2):
            remote = plan.Remote(
                {path: id for id, (path, _) in server.items()}, lambda node_id: server[node_id][1]
            )
            planned = plan.actions(local, files.__getitem__, remote, known, delete=delete, again=False)
            assert round_ == 0 or {action.kind for action in planned} <= {"missing here"}
            _do(planned, files, server, known)
        there = {path: content for path, content in server.values()}
        assert files.items() <= there.items()
        assert not delete or there == files


def _do(
    planned: list[plan.Action],
    files: dict[str, str],
    server: dict[str, tuple[str, str]],
    known: dict[str, Synced],
) -> None:
    for action in planned:
        node_id = action.node_id or f"node{len(server)}{action.path}{action.hash}"
        if action.kind == "delete":
            del server[node_id], known[action.path]
        elif action.kind != "missing here":
            server[node_id] = (action.path, str(action.hash))
            known.pop(action.old_path or "", None)
            stamp = Stamp(len(files), ord(files[action.path]))
            known[action.path] = Synced(action.path, stamp, str(action.hash), node_id)
