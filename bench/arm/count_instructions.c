// SPDX-License-Identifier: Apache-2.0
//
// A plugin for qemu-user that counts the instructions a program executes (the process as a whole;
// where threads run at once, some may be lost) and writes the sum to stderr when it ends. Debian's
// qemu-user carries no header for plugins; what is used of version 1 of that interface is declared
// here.
#include <stdint.h>
#include <stdio.h>

typedef uint64_t PluginId;
struct qemu_plugin_tb;
enum { kAddU64 = 0 };
void qemu_plugin_register_vcpu_tb_trans_cb(PluginId, void (*)(PluginId, struct qemu_plugin_tb*));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb*, int, void*, uint64_t);
void qemu_plugin_register_atexit_cb(PluginId, void (*)(PluginId, void*), void*);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb*);

int qemu_plugin_version = 1;
static uint64_t executed;

static void on_translation(PluginId id, struct qemu_plugin_tb* block) {
  (void)id;
  qemu_plugin_register_vcpu_tb_exec_inline(block, kAddU64, &executed,
                                           qemu_plugin_tb_n_insns(block));
}

static void on_exit(PluginId id, void* unused) {
  (void)id;
  (void)unused;
  fprintf(stderr, "executed instructions: %llu\n", (unsigned long long)executed);
}

int qemu_plugin_install(PluginId id, const void* info, int count, char** words) {
  (void)info;
  (void)count;
  (void)words;
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  qemu_plugin_register_atexit_cb(id, on_exit, NULL);
  return 0;
}
