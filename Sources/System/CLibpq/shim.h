#pragma once
#include <libpq-fe.h>
// Waiting for libpq's sockets; Swift's Glibc module leaves these two out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
