"""Addresses of insight."""

from django.urls import path

from meritbook.insight.views import backtests, health, reruns, simulation

urlpatterns = [
    path("insight/", health.check, name="insight"),
    path("insight/mend/", health.mend, name="insight-mend"),
    path("insight/backtests/", backtests.backtests, name="backtests"),
    path("insight/backtests/new/", backtests.new, name="backtest-new"),
    path("insight/backtests/<int:backtest_id>/", backtests.backtest, name="backtest"),
    path(
        "insight/backtests/<int:backtest_id>/progress/",
        backtests.progress,
        name="backtest-progress",
    ),
    path("insight/backtests/<int:backtest_id>/cancel/", backtests.cancel, name="backtest-cancel"),
    path("insight/backtests/<int:backtest_id>/share/", backtests.share, name="backtest-share"),
    path(
        "insight/backtests/<int:backtest_id>/export.xlsx",
        backtests.export,
        name="backtest-export",
    ),
    path("insight/simulation/", simulation.simulation, name="simulation"),
    path("insight/reruns/", reruns.reruns, name="reruns"),
    path("insight/reruns/new/", reruns.new, name="rerun-new"),
]
