#!/usr/bin/env python3
"""What bench_train.py compare with: PyTorch and transformers train the same model on the same lines "LABEL TAB TEXT".
Runs in peers-data/venv.

  train_peer.py make BASE FOLDER OUTPUTS                    a classifier over the base, its head from a seed
  train_peer.py gradients FOLDER FILE BATCH OUT [ADAPTER]   of the first batch: a dictionary of tensors, by torch.save; of an adapter's, by peft
  train_peer.py losses FOLDER FILE BATCH STEPS RATE [bf16]  of the first steps of AdamW, without shuffling and dropout
  train_peer.py speed FOLDER FILE BATCH STEPS [bf16]        examples a second and peak memory, with dropout as the model has it
  train_peer.py logits FOLDER FILE BATCH OUT                of a model, as one that was merged
  train_peer.py peft FOLDER FILE BATCH OUT ADAPTER          logits with an adapter, by peft
  train_peer.py lora FOLDER FILE BATCH OUT ADAPTER [dora]   makes an adapter by peft with random weights, and its logits"""
import re
import resource
import sys
import time

import torch
import transformers


def lines(path):
    with open(path, encoding='utf-8') as file:
        pairs = [line.rstrip('\n').split('\t', 1) for line in file]
    return [int(label) for label, _ in pairs], [text for _, text in pairs]


def batch_of(tokenizer, path, first, count):
    labels, texts = lines(path)
    words = tokenizer(texts[first:first + count], padding=True, truncation=True, max_length=256, return_tensors='pt')
    return words, torch.tensor(labels[first:first + count])


def opened(folder, dropout=False):
    options = {} if dropout else {'hidden_dropout_prob': 0.0, 'attention_probs_dropout_prob': 0.0}
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32, **options)
    return model.train(), transformers.AutoTokenizer.from_pretrained(folder)


def make(base, folder, outputs):
    torch.manual_seed(1)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(base, num_labels=int(outputs), dtype=torch.float32)
    model.save_pretrained(folder)
    transformers.AutoTokenizer.from_pretrained(base).save_pretrained(folder)


def gradients(folder, path, count, out, adapter=None):
    model, tokenizer = opened(folder)
    if adapter is not None:
        import peft
        model = peft.PeftModel.from_pretrained(model, adapter, is_trainable=True)
    words, labels = batch_of(tokenizer, path, 0, int(count))
    loss = model(**words, labels=labels).loss
    loss.backward()
    grads = {name: tensor.grad for name, tensor in model.named_parameters() if tensor.grad is not None}
    inside = re.compile(r'(?<=_vector)\.default\.weight|\.modules_to_save|\.default')  # what peft puts into names
    torch.save({inside.sub('', name): grad for name, grad in grads.items()}, out)
    print(f'loss {loss.item():.9g}')


def losses(folder, path, count, steps, rate, precision='f32'):
    model, tokenizer = opened(folder)
    optimizer = torch.optim.AdamW(model.parameters(), lr=float(rate), weight_decay=0.0)
    for step in range(int(steps)):
        words, labels = batch_of(tokenizer, path, 0, int(count))
        with torch.autocast('cpu', torch.bfloat16, enabled=precision == 'bf16'):
            loss = model(**words, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f'step {step + 1} loss {loss.item():.9g}', flush=True)


def speed(folder, path, count, steps, precision='f32'):
    torch.set_num_threads(2)
    model, tokenizer = opened(folder, dropout=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5)
    seconds, count = [], int(count)
    for step in range(int(steps) + 1):
        words, labels = batch_of(tokenizer, path, step * count, count)
        start = time.perf_counter()
        with torch.autocast('cpu', torch.bfloat16, enabled=precision == 'bf16'):
            loss = model(**words, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seconds.append(time.perf_counter() - start)
    best = sorted(seconds[1:])
    print(f'{count / best[len(best) // 2]:.2f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}')


def logits_to(model, tokenizer, path, count, out):
    words, _ = batch_of(tokenizer, path, 0, int(count))
    with torch.no_grad():
        model.eval()(**words).logits.numpy().tofile(out)


def logits(folder, path, count, out):
    logits_to(*opened(folder), path, count, out)


def peft_logits(folder, path, count, out, adapter):
    import peft
    model, tokenizer = opened(folder)
    logits_to(peft.PeftModel.from_pretrained(model, adapter), tokenizer, path, count, out)


def lora(folder, path, count, out, adapter, kind='lora'):
    import peft
    model, tokenizer = opened(folder)
    torch.manual_seed(3)
    config = peft.LoraConfig(task_type='SEQ_CLS', r=8, lora_alpha=16, target_modules=['query', 'value'], use_dora=kind == 'dora')
    model = peft.get_peft_model(model, config)
    for name, tensor in model.named_parameters():
        if 'lora_B' in name:
            torch.nn.init.normal_(tensor, std=0.05)
        if 'magnitude' in name:
            tensor.data *= torch.rand_like(tensor) + 0.5
    model.save_pretrained(adapter)
    logits_to(model, tokenizer, path, count, out)


if __name__ == '__main__':
    commands = {'make': make, 'gradients': gradients, 'losses': losses, 'speed': speed, 'logits': logits, 'peft': peft_logits, 'lora': lora}
    commands[sys.argv[1]](*sys.argv[2:])
