"""exiftool and ffprobe find nothing in what was cleaned but what is needed to show it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest
from media_parts import MARK, PICTURES, corners_of, film, gif, sound
from test_cleaning_films import FORMS, SOUNDS

from relay.cleaning import clean
from relay.model import Media

EXIFTOOL = pytest.mark.skipif(
    not shutil.which("exiftool"), reason="apt-get install libimage-exiftool-perl"
)
FFPROBE = pytest.mark.skipif(not shutil.which("ffprobe"), reason="apt-get install ffmpeg")

CAME: dict[str, Any] = {
    **{kind: lambda make=make: make(6) for kind, make in PICTURES.items()},
    "gif": gif,
    **{form: lambda how=how: film(**how) for form, how in FORMS.items()},
    **{f"{form} of sound": lambda how=how: sound(**how) for form, how in SOUNDS.items()},
}


@pytest.fixture(scope="module")
def cleaned() -> dict[str, Media]:
    made = {}
    for name, make in CAME.items():
        medium = clean(Media("", make()))
        assert isinstance(medium, Media), name
        made[name] = medium
    return made


@pytest.fixture(scope="module")
def files(cleaned: dict[str, Media], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cleaned")
    for name, medium in cleaned.items():
        (folder / f"{name}.{medium.type[6:]}").write_bytes(medium.content)
        if medium.poster:
            (folder / f"poster of {name}.jpeg").write_bytes(medium.poster)
    return folder


SIZES_AND_FORMS = re.compile(
    r"""
    File(Type|TypeExtension) | MIMEType | (Source)?Image(Width|Height|Size) | Megapixels
    | BitsPerSample | BitDepth | ColorComponents | ColorType | EncodingProcess | YCbCrSubSampling
    | Compression | Filter | Interlace | JFIFVersion | ResolutionUnit | [XY]Resolution
    | (Movie|Track|Media)HeaderVersion | MajorBrand | MinorVersion | CompatibleBrands
    | (Media)?(Time)?Scale | MediaTimeScale | (Track|Media)?Duration | Preferred(Rate|Volume)
    | MatrixStructure | Rotation | NextTrackID | Track(ID|Layer|Volume) | Free | MediaData\w*
    | AudioBitsPerSample | Audio(Channels|Format|SampleRate) | Balance | AVCConfiguration
    | (Buffer)Size | (Max|Average|Avg)Bitrate | VideoFrameRate | CompressorID | OpColor
    | GraphicsMode | ChunkOffset | Sample(GroupDescription|Sizes|ToChunk|ToGroup)
    | SyncSampleTable | TimeToSampleTable | Unknown_(edts|esds|btrt)
    """,
    re.VERBOSE,
)
"""Tags that say how large something is and how it is written."""

ALWAYS = {
    **dict.fromkeys(
        f"{what}{when}Date" for what in ("", "Track", "Media") for when in ("Create", "Modify")
    ),
    **dict.fromkeys(
        ("CurrentTime", "PosterTime", "PreviewTime", "SelectionTime"),
    ),
    **dict.fromkeys(("PreviewDuration", "SelectionDuration")),
}
NOTHING = {"0000:00:00 00:00:00", "0 s"}
SAME = {
    "HandlerType": {"Metadata", "Video Track", "Audio Track"},
    "HandlerVendorID": {"Apple"},
    "HandlerDescription": {"VideoHandler", "SoundHandler"},
    "MediaLanguageCode": {"und"},
}
"""What is the same in every film that there is."""


@EXIFTOOL
def test_exiftool_finds_sizes_and_forms_alone(files: Path) -> None:
    ran = subprocess.run(
        ["exiftool", "-a", "-u", "-g1", "-j", "-ee", str(files)], capture_output=True, check=True
    )
    found = json.loads(ran.stdout)
    assert len(found) == len(list(files.iterdir()))
    for one in found:
        groups = [g for name, g in one.items() if isinstance(g, dict) and name != "System"]
        tags = [(tag, said) for group in groups for tag, said in group.items()]
        assert len(tags) > 6
        for tag, said in tags:
            if tag in ALWAYS:
                assert said in NOTHING, (one["SourceFile"], tag, said)
            elif tag in SAME:
                assert said in SAME[tag], (one["SourceFile"], tag, said)
            else:
                assert SIZES_AND_FORMS.fullmatch(tag) or tag == "ExifToolVersion", (tag, said)
    assert MARK.encode() not in ran.stdout


TAGS_OF_EVERY_FILM = {
    "major_brand": {"isom", "M4A "},
    "minor_version": {"512"},
    "compatible_brands": {"isomiso2avc1mp41", "M4A isomiso2"},
    "language": {"und"},
    "handler_name": {"VideoHandler", "SoundHandler"},
    "vendor_id": {"[0][0][0][0]"},
}


@FFPROBE
@pytest.mark.parametrize("name", [*FORMS, *(f"{form} of sound" for form in SOUNDS)])
def test_ffprobe_finds_pictures_and_sound_alone(files: Path, name: str) -> None:
    """In all packets too."""
    asked = ["-show_format", "-show_streams", "-show_chapters", "-show_packets"]
    ran = subprocess.run(
        ["ffprobe", "-v", "error", *asked, "-of", "json", str(files / f"{name}.mp4")],
        capture_output=True,
        check=True,
    )
    found = json.loads(ran.stdout)
    assert found["chapters"] == []
    kinds = [stream["codec_name"] for stream in found["streams"]]
    assert kinds in (["h264", "aac"], ["h264"], ["aac"])
    for tagged in [found["format"], *found["streams"]]:
        for tag, said in tagged.get("tags", {}).items():
            assert said in TAGS_OF_EVERY_FILM[tag], (tag, said)
        assert tagged.get("side_data_list", []) == []
    hung = {
        data["side_data_type"]
        for packet in found["packets"]
        for data in packet.get("side_data_list", [])
    }
    assert hung <= {"Skip Samples"}  # of the encoder's own silence at the start


@FFPROBE
def test_ffprobe_would_find_what_was_planted(tmp_path: Path) -> None:
    (tmp_path / "came").write_bytes(film("mov"))
    ran = subprocess.run(
        ["ffprobe", "-v", "error", "-show_format", "-show_chapters", str(tmp_path / "came")],
        capture_output=True,
        check=True,
    )
    assert ran.stdout.count(MARK.encode()) > 5 and b"+35.6892" in ran.stdout


@FFPROBE
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_film_stands_as_ffmpeg_shows_it(rotation: int, mirrored: bool, tmp_path: Path) -> None:
    came = film("mp4", rotation=rotation, mirrored=mirrored, sound="", extras=False)
    (tmp_path / "came.mp4").write_bytes(came)
    shown = tmp_path / "shown.png"
    run = ["ffmpeg", "-v", "error", "-i", str(tmp_path / "came.mp4"), "-frames:v", "1", str(shown)]
    subprocess.run(run, check=True, stdin=subprocess.DEVNULL)
    made = clean(Media("", came))
    assert isinstance(made, Media)
    assert corners_of(made.poster) == corners_of(shown.read_bytes())


@pytest.mark.parametrize("name", FORMS)
def test_pictures_of_a_film_are_pictures_alone(cleaned: dict[str, Media], name: str) -> None:
    """No unit of an encoder, a camera or a caption among them (ITU-T H.264 table 7-1)."""
    kinds = set()
    with av.open(BytesIO(cleaned[name].content)) as container:
        for packet in container.demux(container.streams.video[0]):
            data, at = bytes(packet), 0
            while at + 4 < len(data):
                kinds.add(data[at + 4] & 31)
                at += 4 + int.from_bytes(data[at : at + 4], "big")
    assert kinds <= {1, 5}  # slices


@pytest.mark.parametrize("name", CAME)
def test_nothing_that_was_planted_is_left(cleaned: dict[str, Media], name: str) -> None:
    made = cleaned[name]
    for said in (MARK, MARK[::-1], "35.6892", "Lavf", "Lavc", "x264", "x265", "2026"):
        for spelt in (said.encode(), said.encode("utf-16-le"), said.encode("utf-16-be")):
            assert spelt not in made.content and spelt not in made.poster
