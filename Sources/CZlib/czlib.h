#ifndef HOTFIX_CZLIB_H
#define HOTFIX_CZLIB_H

#include <zlib.h>

#endif
