"""Which tier a page gets, under each combination of settings, files and network."""

import pytest

from deepmedia.datasets import REGISTRY, data_tier, fetched, tiers

FASHION = tuple(name for name in REGISTRY if name.startswith("fashion-mnist/"))


@pytest.fixture
def network(monkeypatch):
    """A function that says which hosts answer."""

    def answer(*hosts: str) -> None:
        monkeypatch.setattr(
            tiers, "reachable", lambda urls: {url for url in urls if any(host in url for host in hosts)}
        )

    answer()
    return answer


def put(data, *names):
    for name in names:
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(b"content")


@pytest.mark.parametrize("names", [(), ("fashion-mnist",), FASHION[:1]])
@pytest.mark.parametrize("host", ["no host", "https://"])
@pytest.mark.parametrize("here", [False, True])
@pytest.mark.parametrize("offline", [None, "0", "1"])
@pytest.mark.parametrize("require", [None, "0", "1"])
def test_every_combination(monkeypatch, data, network, names, host, here, offline, require):
    network(host)
    if here:
        put(data, *FASHION)
    for variable, value in (("DEEPMEDIA_OFFLINE", offline), ("DEEPMEDIA_REQUIRE_DATA", require)):
        if value is not None:
            monkeypatch.setenv(variable, value)
    if offline == "1" and require == "1":
        with pytest.raises(ValueError, match="contradict each other"):
            data_tier(*names)
        return
    if offline == "1":
        expected = "built-in"
    elif require == "1" or here or host == "https://":
        expected = "real"
    else:
        expected = "built-in"
    assert data_tier(*names) == expected
    assert fetched() == ()


def test_a_folder_is_real_only_with_all_its_files(data, network):
    put(data, *FASHION[:-1])
    assert data_tier("fashion-mnist") == "built-in"
    assert data_tier(*FASHION[:-1]) == "real"
    put(data, FASHION[-1])
    assert data_tier("fashion-mnist") == "real"


def test_each_missing_file_needs_a_host_of_its_own(data, network):
    names = ("darknet/yolov3-tiny.weights", "youtube8m/yt8m_voc.csv")
    network("data.pjreddie.com")
    assert [data_tier(name) for name in names] == ["real", "built-in"]
    assert data_tier(*names) == "built-in"
    put(data, names[1])
    assert data_tier(*names) == "real"


def test_a_mirror_is_enough(network):
    network("storage.googleapis.com")
    assert data_tier("fashion-mnist") == "real"


def test_files_of_the_package_are_real_at_once(data, network):
    assert data_tier("darknet/dog.jpg", "darknet/yolov3.cfg") == "real"
    assert data_tier("darknet") == "built-in"  # the weights are missing
    put(data, "darknet/yolov3.weights", "darknet/yolov3-tiny.weights")
    assert data_tier("darknet") == "real"


def test_without_names_one_file_or_one_host_is_enough(data, network):
    assert data_tier() == "built-in"  # the package's own files don't count
    network("figshare")
    assert data_tier() == "real"
    network()
    put(data, "youtube8m/val_9.csv")
    assert data_tier() == "real"


def test_files_that_are_here_need_no_probe(monkeypatch, data):
    def reachable(urls):
        assert not list(urls)
        return set()

    monkeypatch.setattr(tiers, "reachable", reachable)
    put(data, *FASHION)
    assert data_tier("fashion-mnist") == "real"


@pytest.mark.parametrize("setting", ["DEEPMEDIA_OFFLINE", "DEEPMEDIA_REQUIRE_DATA", "OTHER"])
def test_a_wrong_name_is_an_error_under_all_settings(monkeypatch, network, setting):
    monkeypatch.setenv(setting, "1")
    with pytest.raises(ValueError, match="got 'fashion_mnist'"):
        data_tier("fashion_mnist")


def test_a_missing_file_that_could_not_be_kept_is_not_to_be_had(data, network, monkeypatch):
    network("https://")
    put(data, *FASHION)
    monkeypatch.setattr(tiers, "can_keep_data", lambda: False)  # as on a disk that is mounted for reading
    assert data_tier("fashion-mnist") == "real"
    assert data_tier("darknet/yolov3.weights") == "built-in"
    (data / FASHION[0]).unlink()
    assert data_tier("fashion-mnist") == "built-in"


def test_a_real_server_makes_the_tier_real(server, register, refused):
    register(b"content", refused, name="set/lost.bin")
    register(b"content", refused, server.serve("/file.bin", b"content"), name="set/file.bin")
    assert data_tier("set/file.bin") == "real"
    assert data_tier("set") == "built-in"
    assert data_tier() == "real"
