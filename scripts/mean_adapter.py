#!/usr/bin/env python3
"""The mean of two adapters of which one was trained on from the other: it is often better than both.

    python3 scripts/mean_adapter.py FIRST SECOND SHARE TARGET

SHARE is how much of SECOND; all but the weights is taken from SECOND, whose thresholds do not fit the mean: `assay tune reader DATA --from TARGET --steps 1
--rate 1e-9` fits them anew, and measures. Both are folders in PEFT's form, of f32 or bf16; TARGET is f32."""
import array
import json
import pathlib
import shutil
import struct
import sys


def read(folder):
    """Of each tensor, by name: its shape and its numbers."""
    content = (pathlib.Path(folder) / 'adapter_model.safetensors').read_bytes()
    (size,) = struct.unpack_from('<Q', content)
    head, body, tensors = json.loads(content[8 : 8 + size]), content[8 + size :], {}
    for name, tensor in head.items():
        if name == '__metadata__':
            continue
        data = body[slice(*tensor['data_offsets'])]
        if tensor['dtype'] == 'BF16':
            halves = array.array('H', data)
            data = array.array('I', (half << 16 for half in halves)).tobytes()
        elif tensor['dtype'] != 'F32':
            sys.exit(f'mean_adapter: {name} of {folder} is {tensor["dtype"]}, expected F32 or BF16')
        tensors[name] = (tensor['shape'], array.array('f', data))
    return tensors


def main():
    first, second, share, target = read(sys.argv[1]), read(sys.argv[2]), float(sys.argv[3]), pathlib.Path(sys.argv[4])
    if {name: shape for name, (shape, _) in first.items()} != {name: shape for name, (shape, _) in second.items()}:
        sys.exit('mean_adapter: the two have other tensors: train one from the other')
    target.mkdir(parents=True, exist_ok=True)
    for name in ('adapter_config.json', 'assay_adapter.json', 'provenance.json'):
        shutil.copy(pathlib.Path(sys.argv[2]) / name, target / name)
    head, parts, at = {}, [], 0
    for name, (shape, numbers) in second.items():
        before = first[name][1]
        part = array.array('f', ((1 - share) * a + share * b for a, b in zip(before, numbers))).tobytes()
        head[name] = {'dtype': 'F32', 'shape': shape, 'data_offsets': [at, at + len(part)]}
        parts.append(part)
        at += len(part)
    text = json.dumps(head, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    (target / 'adapter_model.safetensors').write_bytes(struct.pack('<Q', len(text)) + text + b''.join(parts))


if __name__ == '__main__':
    main()
