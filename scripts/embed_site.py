#!/usr/bin/env python3
"""Writes the page of `assay serve` as one constant of a C file, with the content security policy that fits it.

    scripts/embed_site.py OUTPUT.c site.html site.css site.js

In the frame, <style></style> and <script></script> get the stylesheet and the script, shortened as in scripts/embed_texts.py.
"""
import sys

from embed_texts import digest, rows, shorten

POLICY = ("default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; connect-src 'self'; img-src data:; "
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'")


def main() -> None:
    output, *inputs = sys.argv[1:]
    frame, style, script = (open(path, encoding='utf-8').read() for path in inputs)
    style, script = shorten('site.css', style), shorten('site.js', script)
    page = frame
    for element, text in (('style', style), ('script', script)):
        if page.count(f'<{element}></{element}>') != 1:
            sys.exit(f'the frame has no place for the {element}')
        page = page.replace(f'<{element}></{element}>', f'<{element}>{text.decode()}</{element}>')
    policy = POLICY.format(script=digest(script), style=digest(style))
    with open(output, 'w', encoding='utf-8') as file:
        file.write('/* Written by scripts/embed_site.py. */\n#include "site/site.h"\n\n'
                   f'static const char bytes[] = {{\n    {rows(page.encode())}}};\n'
                   f'const struct site_page site_page = {{{{bytes, sizeof(bytes)}}, "{policy}"}};\n')


if __name__ == "__main__":
    main()
