/* repository.h - what Git keeps of the files below a folder. Private. */
#ifndef INGEST_REPOSITORY_H
#define INGEST_REPOSITORY_H

#include "walk.h"

/* The repository whose working tree this folder is, kept with the walk. False when it is none. `*repository` is NULL when its index cannot be
 * read, which is noted: then all files are taken. */
bool repository_open(struct walk *walk, const char *path, struct repository **repository);

/* Whether Git keeps the file at this path, or one below it. What it does not keep is counted. */
bool repository_takes(struct repository *repository, const char *path);

void repositories_tell(struct walk *walk); /* how much was left out */
void repositories_release(struct walk *walk);

#endif
