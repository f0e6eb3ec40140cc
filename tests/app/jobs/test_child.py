"""The collector beside the web service. (tests/system kills it, and its parent.)"""

import logging
import multiprocessing
from multiprocessing.process import BaseProcess

import pytest

from app.jobs.child import CollectorChild
from app.wiring import Services
from tests.waiting import wait_for


def collectors() -> list[BaseProcess]:
    return [one for one in multiprocessing.active_children() if one.name == "moocfeed-collector"]


def test_it_runs_until_it_is_stopped(services: Services) -> None:
    child = CollectorChild(services.settings.environ(), level=logging.ERROR)
    child.start()
    assert len(wait_for(collectors)) == 1
    child.stop()
    assert collectors() == []


@pytest.mark.parametrize("attempt", range(5))
def test_none_is_started_while_it_stops(services: Services, attempt: int) -> None:
    child = CollectorChild(services.settings.environ(), level=logging.ERROR)
    child.start()
    child.stop()
    assert collectors() == []


def test_one_that_dies_is_replaced(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    child = CollectorChild(services.settings.environ(), level=logging.ERROR)
    child.start()
    try:
        (first,) = wait_for(collectors)
        first.kill()
        (second,) = wait_for(lambda: [one for one in collectors() if one.pid != first.pid])
        assert second.pid != first.pid
        assert "the collector ended with -9" in caplog.text
    finally:
        child.stop()
    assert collectors() == []
