"""Every address of the registry, asked for its file: the weekly run has it."""

import dataclasses

import pytest

from deepmedia.datasets import REGISTRY, fetch, registry
from deepmedia.datasets.fetching import difference

ADDRESSES = [(name, url) for name, remote in REGISTRY.items() for url in remote.urls]


@pytest.mark.network
@pytest.mark.parametrize(("name", "url"), ADDRESSES, ids=[url for _, url in ADDRESSES])
def test_an_address_still_gives_its_file(monkeypatch, name, url):
    remote = dataclasses.replace(REGISTRY[name], name=f"weekly/{name}", urls=(url,))
    monkeypatch.setattr(registry, "REGISTRY", {remote.name: remote})
    assert difference(remote, fetch(remote.name)) == ""
