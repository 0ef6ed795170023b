"""200 kills (SIGKILL) at random moments while 1,000 pictures are being imported.

    python tests/bench/import_kills.py [--kills 200] [--pictures 1000] [--images DIR] [--seed 1]

Without --images, pictures of noise are enrolled without networks: everything around the enrolling is the real thing
(reading thread, gallery, keys), and the whole takes five to ten minutes. With --images (a folder of people's folders;
--nested pictures are not taken) the real networks enrol the first so many pictures of it.

After each kill the gallery's file is looked at as it lies there: no person without a photo, no photo without template
or crop, nothing twice, nothing gone. At the end it is compared with one that was imported without kills.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.fakes.importing import people_folder
from tests.fakes.killed_import import Victim, check, contents


def _chosen(images: Path, folder: Path, pictures: int) -> int:
    """Copies of the first pictures of each person in turn."""
    people = sorted(p for p in images.iterdir() if p.is_dir())
    rows = [sorted(f for f in p.rglob("*") if f.is_file()) for p in people]
    number = 0
    for k in range(max(map(len, rows))):
        for person, files in zip(people, rows, strict=True):
            if k < len(files) and number < pictures:
                (folder / person.name).mkdir(parents=True, exist_ok=True)
                shutil.copyfile(files[k], folder / person.name / f"{k:04}{files[k].suffix}")
                number += 1
    return number


def main() -> None:
    """Kill, look, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--images", type=Path, help="people's folders: the real networks enrol these")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    dice = random.Random(arguments.seed)  # noqa: S311 - moments
    how = "real" if arguments.images else "pixels"
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        folder = root / "people"
        if arguments.images:
            count = _chosen(arguments.images, folder, arguments.pictures)
        else:
            count = people_folder(folder, -(-arguments.pictures // 5), 5)
        with Victim(root / "whole", folder, how) as victim:
            began = time.perf_counter()
            assert victim.run(None)
            whole = time.perf_counter() - began
        enrolled = check(root / "whole")
        print(f"{how}: {count} pictures, {enrolled} enrolled, {count / whole:.1f} a second without kills")
        began = time.perf_counter()
        there, finished = 0, 0
        with Victim(root / "killed", folder, how) as victim:
            while victim.kills < arguments.kills:
                # A fifth of the kills fall anywhere in the start, the others into the pictures after those that were
                # there. On average a run comes so far that the kills are spread over the whole import.
                left = max(1, enrolled - there) / max(1, arguments.kills - victim.kills)
                seconds = dice.uniform(0, 2.2 * left * whole / count)
                early = dice.random() < 0.2
                if victim.run(dice.uniform(0, 1.0) if early else seconds, after=0 if early else there):
                    finished += 1
                now = check(root / "killed")
                assert now >= there, f"{there - now} photos that were enrolled are gone"
                there = now
            killed_at = there
            assert victim.run(None)
            print(
                f"{victim.kills} kills in {time.perf_counter() - began:.0f} s; {killed_at} of {enrolled} were enrolled "
                f"at the last one; {finished} runs came to their end before their kill"
            )
        killed, unkilled = contents(root / "killed"), contents(root / "whole")
        other = [n for n in sorted(killed.keys() | unkilled.keys()) if killed.get(n) != unkilled.get(n)]
        for name in other[:20]:
            (a, of_a), (b, of_b) = killed.get(name, ([], [])), unkilled.get(name, ([], []))
            without = [[(x[0], x[1]) for x in rows] for rows in (a, b)]
            print(
                f"{name} differs: templates {of_a == of_b}, crops {[x[2] for x in a] == [x[2] for x in b]}, {without}"
            )
        assert not other
        print("never half a person, nothing twice, nothing gone; the end is the same, to the byte of every template")


if __name__ == "__main__":
    main()
