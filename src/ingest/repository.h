/* repository.h - what Git keeps of the files below a folder. Private. */
#ifndef INGEST_REPOSITORY_H
#define INGEST_REPOSITORY_H

#include "walk.h"

/* The repository whose working tree this folder is, kept with the walk. NULL when it is none, or when its index cannot be read, which is
 * noted: then all files are taken. */
struct repository *repository_open(struct walk *walk, const char *path);

/* Whether Git keeps the file at this path, or one below it. What it does not keep is counted. */
bool repository_takes(struct repository *repository, const char *path);

void repositories_tell(struct walk *walk); /* how much was left out */
void repositories_release(struct walk *walk);

#endif
