#pragma once
#ifdef __cplusplus
extern "C" {
#endif
int csimdjson_padding(void);
#ifdef __cplusplus
}
#endif
