#pragma once
#include <librdkafka/rdkafka.h>
// Not part of the Glibc module: where librdkafka keeps what it fetches.
#include <malloc.h>
