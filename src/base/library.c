#include "library.h"
#include <dlfcn.h>
#include <string.h>

bool library_find(void *handle, const char *name, void *place)
{
    void *found = dlsym(handle, name);
    memcpy(place, &found, sizeof(found)); /* C has no cast from one to the other */
    return found != NULL;
}
