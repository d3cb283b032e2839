#!/usr/bin/env python3
"""Takes a reader, a writer, a reranker or what checks sentences that `assay tune` has made into the source tree: its weights in bf16, no paths of the machine that made it, and the
licences of what it learned from.

    python3 scripts/take_reader.py PROJECT/.assay/adapters/NAME peers-data/reader/data.json [adapters/reader [STAGE...]]
    python3 scripts/take_reader.py PROJECT/.assay/adapters/NAME peers-data/reader/data.json adapters/writer
    python3 scripts/take_reader.py PROJECT/.assay/adapters/NAME peers-data/reranker/data.json adapters/reranker
    python3 scripts/take_reader.py PROJECT/.assay/adapters/NAME peers-data/grounding/data.json adapters/grounding

STAGE is a provenance.json of a training that it goes back to, in their order: they are kept as "stages". data.json is written by bench/reader_data.py, bench/reranker_data.py and bench/grounding_data.py beside the examples."""
import array
import json
import pathlib
import struct
import sys

BASE = 'sentence-transformers/all-MiniLM-L6-v2'
MOST_BYTES = 12 * 1000 * 1000


def to_bf16(data):
    """To the nearest, ties to even."""
    numbers = array.array('I')
    numbers.frombytes(data)
    if any(number & 0x7F800000 == 0x7F800000 for number in numbers):
        sys.exit('take_reader: the weights hold what is no number')
    return array.array('H', ((number + 0x7FFF + (number >> 16 & 1)) >> 16 for number in numbers)).tobytes()


def halve(content):
    (size,) = struct.unpack_from('<Q', content)
    head, body = json.loads(content[8 : 8 + size]), content[8 + size :]
    parts, at = [], 0
    for name, tensor in head.items():
        if name == '__metadata__':
            continue
        start, end = tensor['data_offsets']
        if tensor['dtype'] != 'F32':
            sys.exit(f'take_reader: {name} is {tensor["dtype"]}, expected F32')
        part = to_bf16(body[start:end])
        tensor.update(dtype='BF16', data_offsets=[at, at + len(part)])
        parts.append(part)
        at += len(part)
    text = json.dumps(head, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    return struct.pack('<Q', len(text)) + text + b''.join(parts)


def main():
    source, data = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())
    target = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else 'adapters/reader')
    provenance = json.loads((source / 'provenance.json').read_text())
    known = {item['sha256']: item for item in [data['learned'], *data.get('measured', []), *(data[name] for name in ('thinned', 'second', 'fourth', 'unread') if name in data)]}
    for key in ('data', 'test'):
        if key in provenance:
            provenance[key]['path'] = pathlib.Path(provenance[key]['path']).name
            if key == 'data' and provenance[key]['sha256'] not in known:
                print(f'take_reader: note: {provenance[key]["path"]} is a part of what data.json tells, or another file')
    if '/' in provenance['recipe'].get('from', ''):
        provenance['recipe']['from'] = pathlib.Path(provenance['recipe']['from']).name
    stages = [json.loads(pathlib.Path(path).read_text()) for path in sys.argv[4:]]
    if stages:
        kept = ('data', 'recipe', 'sources', 'sources_of', 'scores')
        provenance['stages'] = [{key: stage[key] for key in kept if key in stage} for stage in stages]
    for stage in provenance.get('stages', []):
        stage['data']['path'] = pathlib.Path(stage['data']['path']).name
    provenance['base'].update(folder=f'models/{provenance["base"]["name"]}', licence='Apache-2.0')
    provenance.update(name=target.name, weights='bf16', sources=data['sources'], licences=data['licences'])
    if provenance['data']['sha256'] == data.get('thinned', {}).get('sha256'):
        provenance['data']['path'] = data['thinned']['file']
        provenance['sources_of'] = f"{data['learned']['file']}, of which {data['thinned']['file']} is the part that bench/reader_data.py takes"
    if provenance['data']['sha256'] == data.get('second', {}).get('sha256'):
        provenance['sources_of'] = f"{data['swapped']['file']}, of which {data['second']['file']} is the part that bench/reader_data.py takes"
        provenance['sources'] = dict(sorted((data['sources'] | data['swapped']['sources']).items()))
    if provenance['data']['sha256'] == data.get('unread', {}).get('sha256'):
        provenance['sources_of'] = f"{data['swapped']['file']}, of which {data['unread']['file']} is what no stage learned from: threshold and chance are fitted to a tenth of it"
        provenance['sources'] = dict(sorted((data['sources'] | data['swapped']['sources']).items()))
    config = json.loads((source / 'adapter_config.json').read_text())
    config['base_model_name_or_path'] = BASE
    weights = halve((source / 'adapter_model.safetensors').read_bytes())
    if len(weights) > MOST_BYTES:
        sys.exit(f'take_reader: the weights have {len(weights)} bytes, more than {MOST_BYTES}')
    target.mkdir(parents=True, exist_ok=True)
    (target / 'adapter_model.safetensors').write_bytes(weights)
    (target / 'assay_adapter.json').write_bytes((source / 'assay_adapter.json').read_bytes())
    (target / 'adapter_config.json').write_text(json.dumps(config, indent=1) + '\n')
    (target / 'provenance.json').write_text(json.dumps(provenance, indent=1) + '\n')
    print(f'{target}: {len(weights)} bytes of weights')


if __name__ == '__main__':
    main()
