/* tensor_type.h - the types by the names that they have in a safetensors file. Private to this room. */
#ifndef CODEC_TENSOR_TYPE_H
#define CODEC_TENSOR_TYPE_H

#include "codec.h"

bool tensor_type_named(struct slice file_name, enum tensor_type *type); /* "F32"; false for one we do not have */

#endif
