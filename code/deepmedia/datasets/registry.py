"""The registry: every file that `fetch` can download, with its size, checksum and licence.

Checksums and sizes are those of the files at these addresses. All addresses
name a fixed version (a commit, a release), so a file never changes under its
name: when one does, the download is refused.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class RemoteFile:
    """One immutable file on the web.

    >>> REGISTRY["darknet/yolov3-tiny.weights"].size
    35434956
    """

    name: str  # its place below the data folder, e.g. "darknet/yolov3-tiny.weights"
    urls: tuple[str, ...]  # tried in order
    sha256: str  # hexadecimal
    size: int  # bytes, told to the reader before the download
    licence: str
    source: str  # the page that describes the data
    via: str = ""  # "scikit-learn": that library downloads the address and writes the file


_FASHION_URLS = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
)
_COURSE_URL = (
    "https://raw.githubusercontent.com/Busson/curso_deep_learning_para_multimidia/"
    "0a67ebaf66bb643dfb5f2b12e1b37b704933ba6b/5_multiclassificacao_video/"
)
_DARKNET_URL = "https://raw.githubusercontent.com/pjreddie/darknet/f6afaabcdf85f77e7aff2ec55c020c0e297c77f9/"

_MIT = "MIT, Zalando SE"
_CC_BY = "CC BY 4.0, Google (YouTube-8M)"
_PUBLIC_DOMAIN = "public domain (Darknet)"
_RESEARCH = "AT&T Laboratories Cambridge, for research use"

# Rows (name, bytes, sha256).
_FASHION = (
    ("train-images-idx3-ubyte.gz", 26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
    ("train-labels-idx1-ubyte.gz", 29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
    ("t10k-images-idx3-ubyte.gz", 4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
    ("t10k-labels-idx1-ubyte.gz", 5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
)
_DARKNET = (  # small files: folder in Darknet's repository, then the same three
    ("cfg", "yolov3.cfg", 8_342, "22489ea38575dfa36c67a90048e8759576416a79d32dc11e15d2217777b9a953"),
    ("cfg", "yolov3-tiny.cfg", 1_915, "84eb7a675ef87c906019ff5a6e0effe275d175adb75100dcb47f0727917dc2c7"),
    ("data", "coco.names", 625, "634a1132eb33f8091d60f2c346ababe8b905ae08387037aed883953b7329af84"),
    ("data", "dog.jpg", 163_759, "5a9522051c3cec2bbd2f6323fccba32e8fbf3ddcc2b3e2fd46b04c720bc6f866"),
    ("data", "horses.jpg", 133_495, "c8f0a677a1356569e2ce71d2fa88c1030c0ae57ecf5e14170e02d9a86a20dcb4"),
    ("data", "person.jpg", 113_880, "cdcbab947e46110fc2b77784ac54ddbbab2640f1e44cb5e91fc8984a9793a7d1"),
)
_YOUTUBE8M = (  # 201 videos a file
    ("train_0.csv", 4_170_661, "1589609aa3eab33dc4588233ed059a5507d321ab6c9fae548f087c07d43f0a69"),
    ("train_1.csv", 4_173_711, "715a8d6eaf3f1c1efaf669f0547b6038a75bccd9d0245dd8bb27722a10929dfe"),
    ("train_2.csv", 4_170_944, "4d0975e332bf1e6d9e2223251bdbab56359a4ab1b0535a3d9e1578e01a399243"),
    ("train_3.csv", 4_172_289, "db540ebd042c2bce6a7b74003d40ce92ab1e4d2c1d9278af8cdb602ae49e65cb"),
    ("train_4.csv", 4_169_086, "b35769809c028db85b19295022231dbc3ad3139aff46f363a8cc6d0d8ad679be"),
    ("train_5.csv", 4_172_818, "980fd088c2823346b8cec21c35776636fca7a43875def9bf091c8c88029e7ec6"),
    ("train_6.csv", 4_169_460, "d723be45e24029307eae298294fd559bacd4812190f6d8d55cb8910cb24bfad2"),
    ("train_7.csv", 4_176_413, "c8bac62c328edba8cadec4fec2362c1e7835275ceb8c9a9e782658de4f63a618"),
    ("train_8.csv", 4_171_493, "dd54bfd8c3386154a23b935eac8f2ae838f3e66e19ad590b56c30632e3e70bd5"),
    ("train_9.csv", 4_172_483, "90ea1937ebb957bc632f1fb895e40c3033cd99cdef13df3805b8765c905b0448"),
    ("train_10.csv", 4_170_032, "b1aebc80c1c73dbe5585e3d84f66576b9731397a74ce3699e8335d85e0bd70d1"),
    ("train_11.csv", 4_165_347, "035a2e9633afba4828f8932a066f2ff9cecfe772e7efbe63c780a1dd06272e18"),
    ("train_12.csv", 4_175_985, "44aba452659eb7d517c389eed09fb6dd753e561e69ca23e974866fed75c8f667"),
    ("train_13.csv", 4_173_014, "1e1dece166cbab80f6375c3a26990b6c7edb408ab3a4a8da2ad05e85bc88013c"),
    ("train_14.csv", 4_172_163, "9020c1855ad6a415f830b5749ad10134dedbec6a3abec6a97c2dfbaa399457b8"),
    ("train_15.csv", 4_171_590, "774792451aa3cd70d439a7d5f2fa7e8ad3fbd8e9b79ac939ccacd3a01371f757"),
    ("train_16.csv", 4_170_859, "1674884265c019743360a42c4ac54c6ed548cef468e6b980ce4e38c6765dde41"),
    ("train_17.csv", 4_175_459, "ab56c90e1cc8df99bd3eff969685efeda5a033f9b214986efb5f7219e37d6af1"),
    ("train_18.csv", 4_171_215, "fcaaa2da5195a38826e0dca7c31f531e4e497c164fcfc56ceda767fc340d675b"),
    ("train_19.csv", 4_171_018, "f18a0eb2e7e93520ed31c32b1502e06c74967eb60e7cd301c4661547be3d4195"),
    ("train_20.csv", 4_173_437, "2e77d8bfd5ff92f3dafa0620fdee9b28bed66542ad0df86487d5bfd83b1cd069"),
    ("train_21.csv", 4_176_102, "37aae4c8d2c38179ebcf12ff9f9a1b0192789493669f94e299e1cfbd8dddf5db"),
    ("train_22.csv", 4_174_247, "abbd9d7925c0cfbc3813c193082ed401b73168dbd75e064e1bc95bd9b00c2e84"),
    ("train_23.csv", 4_173_107, "45b0b9ea0419a2b2d093d6c3372a9879c8f7ec57a0cbc1fb3aa6eb52235cc0f6"),
    ("train_24.csv", 4_175_607, "1dbbf8309bbf495990ca856ccf78a9cb716d2fb834f0715a3849522746f39e53"),
    ("train_25.csv", 4_174_262, "11860830661643d016236282963c82077efd1f033030380d06bc5d8621818a2c"),
    ("train_26.csv", 4_171_423, "dac14dfe82d7ee3878d7dba99de019646dc830f1bf5b295f40e02bfd186ab91e"),
    ("train_27.csv", 4_170_786, "65ac3d9779293ec22f242fcfb4ee273e788ecfa2027e05cf42e433b4ec37310e"),
    ("train_28.csv", 4_166_183, "1a9b99107f491d8c80e177c4a6ead115b7ab69e8c210e8ee683e6117ac340504"),
    ("train_29.csv", 4_166_545, "bd9e50a9b5735f01e2ab08c6856a71bb03bdbefafa60f1ab22270d0b8af75b0c"),
    ("train_30.csv", 4_168_086, "7de58138cfec83b669cbf70cf8a3bcc8299c211e36ae9c59e04eb48a1a219cd6"),
    ("train_31.csv", 4_172_678, "2d863ad9bbfd51c716a8025ece1f57270b56f8ece233d496f9a91797b457f588"),
    ("train_32.csv", 4_167_870, "d788dcdbeb095a7cbde9a1c64b024ff3e45fa32588381bbc2b96f39d9364f200"),
    ("train_33.csv", 4_169_864, "2d88399bfaf1d37516490d8246c2afc353a0874910ef00836b7c834f9b71cdc0"),
    ("train_34.csv", 4_174_890, "df74b7661ea86101875c7c70a5a9eb2818b231db0dca45882e2af43eadc7ed6f"),
    ("train_35.csv", 4_172_037, "860bb4032a05f15c82ba53d868ab69113b67fb18507ebc3d7b90191089a7816e"),
    ("train_36.csv", 4_173_073, "0926a89b71d1fe8fbfc5da24dc89b5e5fd040e0392560e0a6f39b0ece258487d"),
    ("train_37.csv", 4_169_036, "b56f24357b1fb213e371165c00560bac5cac4feb8774ddd8f284be1d5b10e58b"),
    ("train_38.csv", 4_173_636, "209f4d3a2440459e6f9eea100bc1a3959d6b2802894637b5ce6a457114ab7fc9"),
    ("train_39.csv", 4_170_145, "3c49476df9659a023e88e4e3a3722a5822814ad1bc1d9281cdb22420e46d59f9"),
    ("val_0.csv", 4_172_216, "9be2cbab1a2e507e457e9ed781744a4ea3779dc3b7ecf5b5727b8d169e510783"),
    ("val_1.csv", 4_176_046, "aacc1a371ab5c008b25d5cba31a7e5ebc3cfcb8ee5840ff0ad992fcdab2e7837"),
    ("val_2.csv", 4_175_873, "8e9017f4a39be312c2165b4000280aab1e6359a5a84063a6a9f26598b0f01ce1"),
    ("val_3.csv", 4_168_584, "1b07261f085e2ddbd3f864847d77f2277fc7a0b7337d3b120e5a7991104fdc8e"),
    ("val_4.csv", 4_174_463, "82b3adccb8168428f9bbd2a3c80d2630ecc513a1a82eeb94c51edd592f7ad0b6"),
    ("val_5.csv", 4_173_979, "268ea7fc294a19a8e258b9e0a983a75fb42fefcbb4afc0ab44ec54156e60a2a3"),
    ("val_6.csv", 4_168_271, "0152a2b91842368099fad3ee48aad516d30206696f14596c45b71a90119b017e"),
    ("val_7.csv", 4_171_659, "4a01ae365b9bf293dfa5144b9275bd4714814c2a027c4be01717fa2d7e562e0f"),
    ("val_8.csv", 4_173_914, "44dcd242dc1471ee85d6bc65ace6592f9eef7c821fc0e2688f86df2856352c7e"),
    ("val_9.csv", 4_167_614, "78a2a61bc2839bfdb216e934f8997db849c5dabb0dfcc8aec381dfec582a64c6"),
    ("yt8m_voc.csv", 3_598_745, "81657c6060d619eae41a581a4b8a1e34722b29cfcb36caf0f1c6fd69803d501b"),
)


def _fashion() -> list[RemoteFile]:
    return [
        RemoteFile(
            name=f"fashion-mnist/{name}",
            urls=tuple(url + name for url in _FASHION_URLS),
            sha256=sha256,
            size=size,
            licence=_MIT,
            source="https://github.com/zalandoresearch/fashion-mnist",
        )
        for name, size, sha256 in _FASHION
    ]


def _olivetti() -> list[RemoteFile]:
    # scikit-learn downloads a MATLAB file and writes this one. Its bytes differ with the versions of
    # scikit-learn, joblib and zlib, so `fetch` leaves them alone and `olivetti` checks the photos in it.
    return [
        RemoteFile(
            name="olivetti/olivetti_py3.pkz",
            urls=("https://ndownloader.figshare.com/files/5976027",),
            sha256="47398b319d88c78459514b30b87c562313aad345b5c6a387b678d7f8177be4ba",  # by scikit-learn 1.9.1
            size=1_405_393,
            licence=_RESEARCH,
            source="https://cam-orl.co.uk/facedatabase.html",
            via="scikit-learn",
        )
    ]


def _darknet() -> list[RemoteFile]:
    source = "https://pjreddie.com/darknet/yolo/"
    small = [
        RemoteFile(f"darknet/{name}", (f"{_DARKNET_URL}{folder}/{name}",), sha256, size, _PUBLIC_DOMAIN, source)
        for folder, name, size, sha256 in _DARKNET
    ]
    weights = [
        RemoteFile(
            name="darknet/yolov3-tiny.weights",
            urls=(
                "https://data.pjreddie.com/files/yolov3-tiny.weights",
                "https://github.com/ultralytics/yolov3/releases/download/v8/yolov3-tiny.weights",
            ),
            sha256="dccea06f59b781ec1234ddf8d1e94b9519a97f4245748a7d4db75d5b7080a42c",
            size=35_434_956,
            licence=_PUBLIC_DOMAIN,
            source=source,
        ),
        RemoteFile(
            name="darknet/yolov3.weights",
            urls=("https://data.pjreddie.com/files/yolov3.weights",),
            # From public sources, not checked against a download of ours.
            sha256="523e4e69e1d015393a1b0a441cef1d9c7659e3eb2d7e15f793f060a21b32f297",
            size=248_007_048,  # also what yolov3.cfg implies: 20 bytes of header and 62,001,757 floats
            licence=_PUBLIC_DOMAIN,
            source=source,
        ),
    ]
    return small + weights


def _youtube8m() -> list[RemoteFile]:
    return [
        RemoteFile(
            name=f"youtube8m/{name}",
            urls=(_COURSE_URL + ("" if name == "yt8m_voc.csv" else "dataset/") + name,),
            sha256=sha256,
            size=size,
            licence=_CC_BY,
            source="https://research.google.com/youtube8m/",
        )
        for name, size, sha256 in _YOUTUBE8M
    ]


def _imagenet() -> list[RemoteFile]:
    name = "weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5"
    return [
        RemoteFile(
            name=f"imagenet/{name}",
            urls=(f"https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v3/{name}",),
            # From public sources, not checked against a download of ours. Keras's own source has the MD5 of this file,
            # 07fb09a5933dd0c8eaafa16978110389.
            sha256="88252c55061fd4434ccc4c37fd7bb71c8832e9453190e4d8326a7adf58577411",
            size=12_683_000,
            licence="Apache 2.0, the Keras project",
            source="https://keras.io/api/applications/mobilenet/",
        )
    ]


REGISTRY: Mapping[str, RemoteFile] = MappingProxyType(
    {remote.name: remote for remote in (*_fashion(), *_olivetti(), *_darknet(), *_youtube8m(), *_imagenet())}
)


def registered(name: str) -> RemoteFile:
    """The registry's entry of that name.

    Raises:
        TypeError: If the name is not a string.
        ValueError: If the registry has no such name; the text lists near ones.
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a str such as 'darknet/yolov3-tiny.weights', got {type(name).__name__}")
    if name in REGISTRY:
        return REGISTRY[name]
    near = [known for known in REGISTRY if name and known.startswith(f"{name.rstrip('/')}/")][:4]
    near = near or difflib.get_close_matches(name, REGISTRY, n=3, cutoff=0.5)
    hint = f"; near it: {', '.join(near)}" if near else ""
    raise ValueError(
        f"name must be one of deepmedia.datasets.REGISTRY, got {name!r}{hint} (python -m deepmedia.datasets lists all)"
    )


def registered_under(name: str) -> list[RemoteFile]:
    """The entry of that name, or all entries below a folder such as ``"fashion-mnist"``.

    Raises:
        TypeError: If the name is not a string.
        ValueError: If it is neither.
    """
    if isinstance(name, str) and name not in REGISTRY:
        inside = [remote for known, remote in REGISTRY.items() if name and known.startswith(f"{name.rstrip('/')}/")]
        if inside:
            return inside
    return [registered(name)]
