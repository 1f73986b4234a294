"""The pages about the site itself: what it holds, who speaks in it, its limits; and its data to download."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.export.describe import DATASET
from evgraph.site import thing
from evgraph.site.citing import cited

if TYPE_CHECKING:
    from evgraph.site.page import Page, Parameters, Site


def about(site: Site, _parameters: Parameters) -> Page:
    """Say what the graph is, how it was made, and what it cannot tell."""
    return site.page("about", title="About evgraph", address="/about", cite=cited(site, DATASET))


def dataset(site: Site, parameters: Parameters) -> Page:
    """Show what the graph says about the dataset; where it says nothing, what programs can read."""
    return thing.thing(site, parameters, "dataset") or data(site, parameters)


def data(site: Site, _parameters: Parameters) -> Page:
    """List what programs can read."""
    return site.page("data", title="Data", address="/data", cite=cited(site, DATASET))
