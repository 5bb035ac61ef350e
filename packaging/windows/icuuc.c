/* A stand-in for icuuc.dll, which Windows 10 has and Wine has not.

   Qt6Core needs it to be loaded: QStringConverter asks ICU for encodings that Qt does not know by
   itself. Here every question is answered with "there is no such converter", and Qt goes on with its
   own UTF-8, UTF-16, UTF-32 and Latin-1. Only tests under Wine use it (packaging/wine.py makes it).

   The names and the parameters are those of ICU's unicode/ucnv.h and unicode/ucnv_cb.h. */

#include <stddef.h>

typedef int Status; /* UErrorCode */
enum { NOT_FOUND = 4 /* U_FILE_ACCESS_ERROR */, WRONG_ARGUMENT = 1 };

#define ICU __declspec(dllexport)
#define UNAVAILABLE(name, parameters) \
    ICU void name parameters { if (status) *status = WRONG_ARGUMENT; }

ICU void *ucnv_open(const char *name, Status *status)
{
    (void)name;
    if (status) *status = NOT_FOUND;
    return NULL;
}

ICU void ucnv_close(void *converter) { (void)converter; }
ICU void ucnv_reset(void *converter) { (void)converter; }
ICU int ucnv_countAvailable(void) { return 0; }
ICU const char *ucnv_getAvailableName(int index) { (void)index; return NULL; }
ICU signed char ucnv_getMaxCharSize(const void *converter) { (void)converter; return 4; }

ICU const char *ucnv_getName(const void *converter, Status *status)
{
    (void)converter;
    if (status) *status = WRONG_ARGUMENT;
    return NULL;
}

ICU const char *ucnv_getStandardName(const char *name, const char *standard, Status *status)
{
    (void)name;
    (void)standard;
    if (status) *status = WRONG_ARGUMENT;
    return NULL;
}

ICU int ucnv_fromUCountPending(const void *converter, Status *status)
{
    (void)converter;
    if (status) *status = WRONG_ARGUMENT;
    return 0;
}

ICU int ucnv_toUCountPending(const void *converter, Status *status)
{
    (void)converter;
    if (status) *status = WRONG_ARGUMENT;
    return 0;
}

ICU void ucnv_getFromUCallBack(const void *converter, void **action, const void **context)
{
    (void)converter;
    *action = NULL;
    *context = NULL;
}

ICU void ucnv_getToUCallBack(const void *converter, void **action, const void **context)
{
    (void)converter;
    *action = NULL;
    *context = NULL;
}

UNAVAILABLE(ucnv_setFromUCallBack,
            (void *c, void *action, const void *context, void **old, const void **old_context, Status *status))
UNAVAILABLE(ucnv_setToUCallBack,
            (void *c, void *action, const void *context, void **old, const void **old_context, Status *status))
UNAVAILABLE(ucnv_fromUnicode,
            (void *c, char **target, const char *end, const void **source, const void *source_end,
             int *offsets, signed char flush, Status *status))
UNAVAILABLE(ucnv_toUnicode,
            (void *c, void **target, const void *end, const char **source, const char *source_end,
             int *offsets, signed char flush, Status *status))
UNAVAILABLE(ucnv_cbFromUWriteUChars,
            (void *arguments, const void **source, const void *source_end, int offset, Status *status))
UNAVAILABLE(ucnv_cbToUWriteUChars,
            (void *arguments, const void *source, int length, int offset, Status *status))
UNAVAILABLE(UCNV_FROM_U_CALLBACK_SUBSTITUTE,
            (const void *context, void *arguments, const void *units, int length, int point, int reason, Status *status))
UNAVAILABLE(UCNV_TO_U_CALLBACK_SUBSTITUTE,
            (const void *context, void *arguments, const char *units, int length, int reason, Status *status))
