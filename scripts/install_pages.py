#!/usr/bin/env python3
"""Installs what the program itself writes: man pages (`assay help --man NAME`) and completions (`assay help --completion SHELL`);
the embedding model, where scripts/setup has fetched it, and the reader's adapter. Run by `meson install`, which tells where to in the environment."""
import os
import re
import shutil
import subprocess
import sys

COMPLETIONS = {'bash': 'share/bash-completion/completions/assay', 'zsh': 'share/zsh/site-functions/_assay',
               'fish': 'share/fish/vendor_completions.d/assay.fish'}


def written_by(binary, *arguments):
    return subprocess.run([binary, 'help', *arguments], check=True, stdout=subprocess.PIPE).stdout


def put(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as file:
        file.write(content)
    os.chmod(path, 0o644)
    if not os.environ.get('MESON_INSTALL_QUIET'):
        print(f'Installing {path}')


def put_model(source, folder):
    if not os.path.exists(f'{source}/config.json'):
        print('no embedding model: scripts/setup has not fetched it')
        return
    shutil.copytree(source, folder, dirs_exist_ok=True)
    if not os.environ.get('MESON_INSTALL_QUIET'):
        print(f'Installing {folder}')


def put_adapter(name, source, folder):
    if not os.path.exists(f'{source}/adapter_config.json'):
        print(f'no {name}: adapters/{name} is not there')
        return
    shutil.copytree(source, folder, dirs_exist_ok=True)
    if not os.environ.get('MESON_INSTALL_QUIET'):
        print(f'Installing {folder}')


def main():
    binary = os.path.join(os.environ['MESON_BUILD_ROOT'], 'assay')
    prefix = os.environ['MESON_INSTALL_DESTDIR_PREFIX']
    model = 'all-MiniLM-L6-v2'
    put_model(os.path.join(os.environ['MESON_SOURCE_ROOT'], 'models', model), f'{prefix}/share/assay/models/{model}')
    for name in ('reader', 'writer', 'grounding'):
        put_adapter(name, os.path.join(os.environ['MESON_SOURCE_ROOT'], 'adapters', name), f'{prefix}/share/assay/adapters/{name}')
    if not os.path.exists(binary):
        print('no man pages and completions: the program is not built')
        return
    try:
        main_page = written_by(binary, '--man', 'assay')
        # The main page names those of the commands: assay-add(1)
        plain = re.sub(r'\\f.', '', main_page.decode()).replace('\\-', '-')
        names = sorted(set(re.findall(r'\bassay-([a-z-]+)', plain)))
        put(f'{prefix}/share/man/man1/assay.1', main_page)
        for name in names:
            put(f'{prefix}/share/man/man1/assay-{name}.1', written_by(binary, '--man', name))
        for shell, path in COMPLETIONS.items():
            put(f'{prefix}/{path}', written_by(binary, '--completion', shell))
    except subprocess.CalledProcessError as error:
        sys.exit(f'could not install man pages and completions: {" ".join(error.cmd)} exited with {error.returncode}')


main()
