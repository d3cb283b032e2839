/* drop_chance.h - dropout's chance: the same bits for every kind of processor.
 *
 * Philox4x32 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") with 7 rounds, the fewest that pass all of BigCrush:
 *
 *   counter  16 · block + lane | row | site | step       16 counters make the 16-bit numbers of KERNEL_DROP_COLUMNS columns:
 *   output   4 words of 2 halves each: half h of word w of lane l is for column (2 · w + h) · 16 + l */
#ifndef KERNEL_DROP_CHANCE_H
#define KERNEL_DROP_CHANCE_H

enum { DROP_LANES = 16, DROP_WORDS = 4, DROP_ROUNDS = 7 };

/* Of a round: what words 0 and 2 are multiplied by, and what the keys are raised by after it. */
#define DROP_FACTOR0 0xD2511F53u
#define DROP_FACTOR1 0xCD9E8D57u
#define DROP_RAISE0 0x9E3779B9u
#define DROP_RAISE1 0xBB67AE85u

#endif
