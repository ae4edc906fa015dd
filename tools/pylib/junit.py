"""Counts the tests of JUnit XML files: prints how many passed, failed and were skipped."""

import os
import sys
import xml.etree.ElementTree


def count(path):
    """Passed, failed and skipped tests of one file; a file that a runner did not live to write is one failure."""
    if not os.path.exists(path):
        return 0, 1, 0
    failed = skipped = total = 0
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        total += 1
        outcomes = {child.tag for child in case}
        failed += bool(outcomes & {"failure", "error"})
        skipped += "skipped" in outcomes
    return total - failed - skipped, failed, skipped


if __name__ == "__main__":
    print(*map(sum, zip(*map(count, sys.argv[1:]))))
