"""A plugin of pytest: a skipped test is a failed one."""

import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """What we ship must be tested everywhere, or it is not tested at all."""
    report = (yield).get_result()
    if report.skipped and not hasattr(report, "wasxfail"):
        _fail(report)


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    report = (yield).get_result()
    if report.skipped:
        _fail(report)


def _fail(report):
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid} was skipped: {report.longrepr}"
