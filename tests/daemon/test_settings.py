# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings, the log and the lock of the home folder."""

from __future__ import annotations

import json
import logging
import multiprocessing

import pytest
from second_unit_daemon import config, log
from second_unit_daemon.config import Config
from second_unit_daemon.lock import HomeLock
from second_unit_protocol.errors import ErrorCode, SecondUnitError


@pytest.fixture(autouse=True)
def logging_as_before():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in set(root.handlers) - set(handlers):
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_without_any_setting_the_defaults_hold(tmp_path):
    assert config.load(tmp_path, {}, {}) == Config()
    assert Config().host == "127.0.0.1"


def test_the_command_line_beats_the_environment_which_beats_the_file(tmp_path):
    (tmp_path / "config.toml").write_text('port = 5001\nworker_idle_s = 5\nlog_level = "DEBUG"\n')
    environment = {"SECOND_UNIT_PORT": "5002", "SECOND_UNIT_WORKER_IDLE_S": "6.5", "SECOND_UNIT_HOME": "elsewhere"}
    settings = config.load(tmp_path, environment, {"port": 5003, "host": None})
    assert (settings.port, settings.worker_idle_s, settings.log_level) == (5003, 6.5, "DEBUG")


@pytest.mark.parametrize(
    ("content", "environment", "words"),
    [
        ("prt = 5", {}, ("There is no setting prt", "config.toml", "port")),
        ("port = 99999", {}, ("config.toml", "port")),
        ('port = "soon"', {}, ("config.toml", "port")),
        ("port = true", {}, ("whole number", "True")),
        ("log_level = 3", {}, ("text expected", "log_level")),
        ('log_level = "LOUD"', {}, ("log_level",)),
        ("port = [", {}, ("config.toml", "cannot be read")),
        ("worker_idle_s = inf", {}, ("worker_idle_s must be from 1 to", "not inf")),
        ("cancel_grace_s = inf", {}, ("cancel_grace_s must be from 0 to 3600",)),
        ("quota_gb = nan", {}, ("quota_gb must be from",)),
        ('log_level = "foo"', {}, ("log_level must be one of DEBUG, INFO, WARNING, ERROR, not FOO",)),
        ("", {"SECOND_UNIT_KEEP_DAYS": "-1"}, ("in the environment", "keep_days")),
        ("", {"SECOND_UNIT_QUOTA_GB": "lots"}, ("in the environment", "quota_gb")),
    ],
)
def test_a_wrong_setting_is_named_with_its_source(tmp_path, content, environment, words):
    (tmp_path / "config.toml").write_text(content)
    with pytest.raises(SecondUnitError) as refused:
        config.load(tmp_path, environment, {})
    assert refused.value.code is ErrorCode.BAD_REQUEST
    assert all(word in refused.value.info.cause for word in words), refused.value.info.cause


def test_the_log_file_has_one_json_object_a_line_with_the_job_in_it(tmp_path, capsys):
    path = log.set_up(tmp_path, "INFO")
    logging.getLogger("jobs").info("running on %s", "cpu", extra={"job": "abcdef0123456789"})
    logging.getLogger("jobs").debug("not shown")
    try:
        raise ValueError("odd")
    except ValueError:
        logging.getLogger("jobs").exception("it failed")
    first, second = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    assert (first["message"], first["job"], first["level"]) == ("running on cpu", "abcdef0123456789", "INFO")
    assert "ValueError: odd" in second["error"]
    shown = capsys.readouterr().err
    assert "[abcdef01] running on cpu" in shown and "error: it failed" in shown
    assert log.tail(path, 1)[0].startswith(f"{second['time'][:19]} error it failed\nTraceback")
    assert log.tail(path, 9, "abcdef01") == [f"{first['time'][:19]} info [abcdef01] running on cpu"]
    assert log.tail(path, 9, "1") == []


def test_the_log_rotates(tmp_path, monkeypatch):
    monkeypatch.setattr(log, "MAX_BYTES", 2000)
    path = log.set_up(tmp_path, "INFO", terminal=False)
    for number in range(300):
        logging.getLogger("jobs").info("line %d", number)
    files = sorted(file.name for file in tmp_path.iterdir())
    assert files == ["daemon.log", *(f"daemon.log.{n}" for n in range(1, log.KEPT_FILES + 1))]
    assert path.stat().st_size <= 2000
    assert json.loads(path.read_text("utf-8").splitlines()[-1])["message"] == "line 299"


def _hold(home, holding, let_go):
    with HomeLock(home):
        holding.set()
        let_go.wait(30)


def test_one_process_holds_the_home_and_its_death_frees_it(tmp_path):
    processes = multiprocessing.get_context("spawn")
    holding, let_go = processes.Event(), processes.Event()
    holder = processes.Process(target=_hold, args=(tmp_path, holding, let_go))
    holder.start()
    assert holding.wait(30)
    with pytest.raises(SecondUnitError) as refused, HomeLock(tmp_path):
        pass
    assert f"process {holder.pid}" in refused.value.info.cause
    holder.kill()
    holder.join()
    with HomeLock(tmp_path):
        pass
