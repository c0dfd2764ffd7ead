import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.deepmedia.detection.darknet_cases import EVERY_KIND

from deepmedia.datasets import darknet_file
from deepmedia.detection.darknet_cfg import MOST_BYTES, parse_cfg, read_cfg
from deepmedia.detection.darknet_sections import (
    ConvolutionalSection,
    MaxPoolSection,
    NetSection,
    RouteSection,
    ShortcutSection,
    UpsampleSection,
    YoloSection,
)

NET = "[net]\nwidth=32\nheight=32\nchannels=3\n"
CONVOLUTION = "[convolutional]\nfilters=14\nsize=1\nactivation=linear\n"
YOLO = "[yolo]\nmask=0,1\nanchors=1,2,3,4\nnum=2\nclasses=2\n"


def test_sections_are_read_with_their_lines_defaults_and_counts_from_the_start():
    cfg = parse_cfg(EVERY_KIND)
    assert cfg.net == NetSection(2, 32, 48, 3)
    assert cfg.layers[0] == ConvolutionalSection(8, 4, 3, 1, 1, "leaky", True)
    assert cfg.layers[1] == MaxPoolSection(16, 2, 2)
    assert cfg.layers[2] == ConvolutionalSection(20, 8, 3, 2, 1, "leaky", True)  # padding=1
    assert cfg.layers[3] == ConvolutionalSection(28, 6, 1, 1, 0, "leaky", False)
    assert cfg.layers[5] == ShortcutSection(42, 2)  # 5 - 3
    assert cfg.layers[9] == UpsampleSection(62, 2)
    assert cfg.layers[10] == RouteSection(65, (9, 5))  # 10 - 1, and 5 as it stands
    assert cfg.layers[12] == YoloSection(75, ((20.5, 30), (10, 14)), 2)  # mask 2, 1
    assert cfg.layers[13] == RouteSection(83, (9,))
    assert cfg.layers[14].padding == 2  # pad=1 is half of size 5


def test_shapes_are_those_counted_by_hand():
    shapes = parse_cfg(EVERY_KIND).shapes
    assert shapes[:3] == ((32, 48, 4), (16, 24, 4), (8, 12, 8))
    assert shapes[6:12] == ((8, 12, 8), (8, 12, 8), (4, 6, 8), (8, 12, 8), (8, 12, 16), (8, 12, 14))
    assert shapes[12:] == ((8, 12, 14), (8, 12, 8), (8, 12, 5), (8, 12, 13), (8, 12, 7), (8, 12, 7))


def test_odd_sizes_are_rounded_up():
    # maxpool: (5 + 1 - 2) // 2 + 1 = 3, (7 + 1 - 2) // 2 + 1 = 4; convolutional: (3 + 2 - 3) // 2 + 1 = 2, and 2.
    net = "[net]\nheight=5\nwidth=7\nchannels=3\n[maxpool]\nsize=2\nstride=2\n[maxpool]\nsize=4\nstride=1\n"
    shapes = parse_cfg(net + CONVOLUTION.replace("size=1", "size=3\npad=1\nstride=2")).shapes
    assert shapes == ((3, 4, 3), (3, 4, 3), (2, 2, 14))


def test_the_official_descriptions_have_the_published_layers():
    kinds = {
        name: [section.kind for section in read_cfg(darknet_file(name)).layers]
        for name in ("yolov3.cfg", "yolov3-tiny.cfg")
    }
    counted = {name: {kind: each.count(kind) for kind in set(each)} for name, each in kinds.items()}
    assert counted == {
        "yolov3.cfg": {"convolutional": 75, "shortcut": 23, "route": 4, "upsample": 2, "yolo": 3},
        "yolov3-tiny.cfg": {"convolutional": 13, "maxpool": 6, "route": 2, "upsample": 1, "yolo": 2},
    }
    full = read_cfg(darknet_file("yolov3.cfg")).at(416, 416)
    assert [full.shapes[index][:2] for index in (82, 94, 106)] == [(13, 13), (26, 26), (52, 52)]
    assert [full.layers[index].sources for index in (83, 86, 95, 98)] == [(79,), (85, 61), (91,), (97, 36)]
    assert full.layers[82].anchors == ((116, 90), (156, 198), (373, 326))


def test_blanks_comments_line_ends_and_abbreviations_are_taken_as_darknet_takes_them():
    text = (
        "; words\r\n# more\r\n[network]\r\n w i d t h = 3 2\r\n\theight=32\r\nchannels = 3\r\nunknown=x\r\n"
        "[conv]\r\nfilters=2\r\nsize=1\r\nactivation=linear\r\n[max]\r\nstride=2"
    )
    cfg = parse_cfg(text)
    assert cfg.shapes == ((32, 32, 2), (16, 16, 2))


def test_another_size_changes_the_shapes_alone():
    cfg = parse_cfg(EVERY_KIND)
    assert cfg.at(64, 32).shapes[8] == (8, 4, 8)
    assert cfg.at(64, 32).layers == cfg.layers
    with pytest.raises(ValueError, match=r"cfg, line \d+, \[route\] \(layer 10\): .* multiples of"):
        cfg.at(36, 48)
    with pytest.raises(ValueError, match="height must be a whole number 1 to 4096, in pixels, got 0"):
        cfg.at(0, 48)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a description must begin with [net], this has no section"),
        ("[yolo]", "a description must begin with [net], this begins with [yolo] in line 1"),
        (NET, "must have at least one layer after [net], it has none"),
        ("<!DOCTYPE html>", "line 1: must be [section], key=value or # comment, got '<!DOCTYPE html>'"),
        ("width=3", "line 1: width stands before the first section"),
        (NET + "[lstm]\noutput=3", "line 5: [lstm] is no section of YOLOv3, which has net, convolutional, maxpool"),
        (NET + "[maxpool", "line 5: must be [section], key=value or # comment, got '[maxpool'"),
        (NET + "[maxpool]\nsize", "line 6: must be [section], key=value or # comment, got 'size'"),
        (NET + "[maxpool]\nsize=", "line 6: must be [section], key=value"),
        (NET + "[maxpool]\nsize=2\nsize=2", "line 7, [maxpool]: size is there twice"),
        (NET + NET, "line 5, [net]: a description has one [net]"),
        ("[net]\nwidth=32\nchannels=3\n" + CONVOLUTION, "line 1, [net]: height is missing; add a line height=…"),
        (NET.replace("32", "5000"), "line 3, [net]: height must be a whole number 1 to 4096, got '5000'"),
        (NET.replace("32", "9" * 5000), "height must be a whole number 1 to 4096, got '99999"),
        (NET.replace("3\n", "7\n"), "line 4, [net]: channels must be a whole number 1 to 4, got '7'"),
        (NET + "[convolutional]\nsize=1\nactivation=linear", "line 5, [convolutional]: filters is missing"),
        (NET + "[convolutional]\nfilters=2\nsize=1", "line 5, [convolutional]: activation is missing"),
        (
            NET + CONVOLUTION.replace("14", "many"),
            "line 6, [convolutional]: filters must be a whole number 1 to 8192, got 'many'",
        ),
        (NET + CONVOLUTION.replace("14", "14#x"), "filters must be a whole number 1 to 8192, got '14#x'"),
        (NET + CONVOLUTION.replace("14", "99999999"), "filters must be a whole number 1 to 8192, got '99999999'"),
        (NET + CONVOLUTION.replace("14", "١٤"), "filters must be a whole number 1 to 8192"),
        (
            NET + CONVOLUTION.replace("linear", "mish"),
            "line 8, [convolutional]: activation must be leaky or linear in YOLOv3, got 'mish'",
        ),
        (NET + CONVOLUTION + "groups=2", "line 9, [convolutional]: groups must be 1 in YOLOv3, got '2'"),
        (NET + CONVOLUTION + "dilation=2", "line 9, [convolutional]: YOLOv3's layers have no key 'dilation'"),
        (NET + CONVOLUTION.replace("size=1", "size=31"), ""),
        (
            NET.replace("32", "8") + CONVOLUTION.replace("size=1", "size=9"),
            "(layer 0): a kernel of 9 pixels needs a larger input than (8, 8, 3)",
        ),
        (NET + "[maxpool]\nsize=3\nstride=2", "with stride 2 size must be 2 in YOLOv3, got 3"),
        (NET + "[maxpool]\nsize=2\npadding=0", "padding must be 1 in YOLOv3, got '0'"),
        (NET + "[shortcut]\nfrom=-1", "[shortcut] (layer 0): no layer is before it, got -1"),
        (
            NET + CONVOLUTION + "[shortcut]\nfrom=-2",
            "line 9, [shortcut] (layer 1): it may name layers 0 to 0, or -1 to -1, got -1",
        ),
        (NET + CONVOLUTION + "[shortcut]\nfrom=-1,-1", "line 10, [shortcut]: from must be one layer, got 2"),
        (
            NET + CONVOLUTION + "[maxpool]\nsize=2\nstride=2\n[shortcut]\nfrom=0",
            "both terms must have one shape, got (16, 16, 14) and (32, 32, 14)",
        ),
        (NET + CONVOLUTION + "[route]\nlayers=1", "it may name layers 0 to 0, or -1 to -1, got 1"),
        (NET + CONVOLUTION + "[route]\nlayers=", "must be [section], key=value"),
        (
            NET + CONVOLUTION + "[route]\nlayers=0,x",
            "line 10, [route]: layers must be whole numbers with commas between, got '0,x'",
        ),
        (
            NET + CONVOLUTION + "[maxpool]\nsize=2\nstride=2\n[route]\nlayers=0,1",
            "must have one height and width, got layer 0 (32, 32, 14), layer 1 (16, 16, 14)",
        ),
        (NET + "[upsample]\nstride=9", "stride must be a whole number 1 to 8, got '9'"),
        (
            NET + CONVOLUTION + YOLO.replace("classes=2", "classes=3"),
            "[yolo] (layer 1): 2 anchors and 3 classes need 16 channels, 2 · (5 + classes), the layer",
        ),
        (NET + CONVOLUTION + YOLO.replace("classes=2\n", ""), "line 9, [yolo]: classes is missing"),
        (NET + CONVOLUTION + YOLO.replace("num=2", "num=3"), "num must be the number of pairs in anchors, 2"),
        (
            NET + CONVOLUTION + YOLO.replace("mask=0,1", "mask=0,2"),
            "line 10, [yolo]: mask must hold numbers of anchors, 0 to 1, got [0, 2]",
        ),
        (
            NET + CONVOLUTION + YOLO.replace("3,4", "3,0"),
            "line 11, [yolo]: anchors must be pairs width,height above 0 with commas between, got 4",
        ),
        (
            NET + CONVOLUTION + YOLO.replace("3,4", "3"),
            "anchors must be pairs width,height above 0 with commas between, got 3 numbers",
        ),
        (NET + CONVOLUTION + YOLO.replace("3,4", "3,nan"), "anchors must be pairs"),
        (NET + CONVOLUTION + YOLO.replace("3,4", "3,."), "anchors must be pairs"),
        (
            NET + CONVOLUTION + YOLO + "[maxpool]\nsize=2",
            "[maxpool] (layer 2): layer 1 is a head, which nothing may follow but a [route]",
        ),
        (
            NET + CONVOLUTION + YOLO + "[route]\nlayers=-1",
            "[route] (layer 2): layer 1 is a head, whose output no layer may take",
        ),
        (
            NET + "[upsample]\nstride=8\n" * 4,
            "(layer 2): a feature map may hold 268435456 numbers, (16384, 16384, 3) holds",
        ),
        (
            NET + CONVOLUTION.replace("14", "8192").replace("size=1", "size=31\npad=1") * 2,
            "all weights together may be 268435456, here are ",
        ),
        (NET + "[maxpool]\nsize=2\n" * 1001, "a description may have 1000 layers, it has 1001"),
    ],
)
def test_what_is_no_description_is_refused_with_its_place(text, message):
    if not message:  # the largest kernel that may be
        parse_cfg(text)
        return
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        parse_cfg(text, name="my.cfg")
    assert str(caught.value).startswith("my.cfg")
    assert len(str(caught.value)) < 400


def test_files_that_are_no_description_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"gone\.cfg is no file"):
        read_cfg(tmp_path / "gone.cfg")
    path = tmp_path / "a.cfg"
    path.write_bytes(b"[net]\n\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"a\.cfg: a description is text, this begins with b'\[net\]"):
        read_cfg(path)
    path.write_bytes(b"\0" * (MOST_BYTES + 1))
    with pytest.raises(ValueError, match="at most 1000000 bytes, this is 1000001; is it the weights"):
        read_cfg(path)


LINES = st.sampled_from(
    [*EVERY_KIND.split("\n"), "size=0", "stride=8", "filters=8192", "layers=-1", "from=-1", "[net]"]
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 130), st.one_of(LINES, st.text(max_size=12))), max_size=4),
    st.lists(st.integers(0, 130), max_size=3),
)
def test_a_changed_description_is_read_or_refused_with_its_name(inserted, deleted):
    lines = EVERY_KIND.split("\n")
    for place, line in inserted:
        lines.insert(place, line)
    for place in deleted:
        del lines[place % len(lines)]
    text, cfg = "", None
    try:
        cfg = parse_cfg("\n".join(lines), name="my.cfg")
    except ValueError as error:
        text = str(error)
    assert text.startswith("my.cfg") if cfg is None else len(cfg.shapes) == len(cfg.layers) > 0


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200), st.text(alphabet="[]=#,.-0159netconvyolosizepad\n ", max_size=200).map(str.encode)
    )
)
def test_any_bytes_are_refused_with_the_files_name(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.cfg"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"^any\.cfg"):
        read_cfg(path)
