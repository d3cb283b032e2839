"""Counts single test cases: the functions within cmocka programs, and pytest's tests."""
import json
import os
import re
import xml.etree.ElementTree

LAST_LINE = re.compile(r'^(\d+) passed, (\d+) failed', re.MULTILINE)


def of_output(text):
    """(passed, failed) of what a test program printed, or None when it names no cases."""
    started = len(re.findall(r'^\[ RUN      \]', text, re.MULTILINE))
    if started:
        passed = len(re.findall(r'^\[       OK \]', text, re.MULTILINE))
        skipped = len(re.findall(r'^\[  SKIPPED \]', text, re.MULTILINE))
        return passed, max(0, started - passed - skipped)
    named = LAST_LINE.findall(text)
    return (int(named[-1][0]), int(named[-1][1])) if named else None


def of_program(text, succeeded):
    """The same for a program that ended: one that names no cases is one case, and one that failed has a failed case."""
    passed, failed = of_output(text) or (1 if succeeded else 0, 0)
    return passed, failed if succeeded else max(1, failed)


def of_meson(build):
    """(passed, failed) of the last `meson test` in a build folder."""
    passed = failed = 0
    path = os.path.join(build, 'meson-logs', 'testlog.json')
    if not os.path.exists(path):
        return 0, 0
    with open(path, encoding='utf-8') as file:
        for line in file:
            test = json.loads(line)
            if test['result'] == 'SKIP':
                continue
            counts = of_program(test.get('stdout', '') + test.get('stderr', ''), test['result'] in ('OK', 'EXPECTEDFAIL'))
            passed += counts[0]
            failed += counts[1]
    return passed, failed


def of_pytest(path):
    """(passed, failed) of a junit file that pytest wrote; (0, 1) when it wrote none."""
    if not os.path.exists(path):
        return 0, 1
    passed = failed = 0
    for suite in xml.etree.ElementTree.parse(path).getroot().iter('testsuite'):
        wrong = int(suite.get('failures', 0)) + int(suite.get('errors', 0))
        failed += wrong
        passed += int(suite.get('tests', 0)) - wrong - int(suite.get('skipped', 0))
    return passed, failed
