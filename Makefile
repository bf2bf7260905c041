# SPDX-License-Identifier: Apache-2.0
# A thin front for CMake's presets. 'make help' lists what there is.
JOBS ?= $(shell nproc)
# Processors that QEMU plays for the arm64 tests: none, some and all of the later instructions.
ARM_CPUS ?= cortex-a53 cortex-a72 cortex-a76 max
# How long each fuzzer runs, and which: all, or some of tests/fuzz/corpus.
SECONDS_EACH ?= 600
FUZZERS ?=
CTEST = ctest --output-on-failure --no-tests=error -j $(JOBS)

.PHONY: all build packages demo test check asan tsan fuzz aarch64 device presets format clean help

all: ## the release binary, build/release/bin/fettle
	@tools/install_packages.sh --check packages.txt
	@$(MAKE) --no-print-directory build

packages: ## install the Debian packages that are missing (packages.txt)
	@tools/install_packages.sh packages.txt

build:
	cmake --preset release --log-level=WARNING
	cmake --build build/release -j $(JOBS)

demo: packages build ## fit the default model to a Raspberry Pi 4, then run and measure the package
	@tools/demo.sh

test: packages build ## every test
	cd build/release && $(CTEST)

check: packages build ## format, licence lines, layers, weak symbols in instruction-set files
	tools/checks/check_format.sh
	tools/checks/check_licence.sh
	tools/checks/check_layers.py
	tools/checks/check_weak_symbols.sh build/release

asan tsan: packages ## every test under the address (asan) or thread (tsan) sanitizer
	cmake --preset $@
	cmake --build build/$@ -j $(JOBS)
	cd build/$@ && $(CTEST)

fuzz: packages ## every libFuzzer program for SECONDS_EACH seconds (600)
	cmake --preset fuzz --log-level=WARNING
	cmake --build build/fuzz -j $(JOBS) --target fuzzers
	tools/fuzz.sh $(SECONDS_EACH) $(FUZZERS)

aarch64: packages ## cross-compile to arm64, every test under QEMU
	@tools/install_packages.sh packages-aarch64.txt
	@tools/make_arm_sysroot.sh arm64 build/aarch64-sysroot
	cmake --preset aarch64
	cmake --build build/aarch64 -j $(JOBS)
	@for cpu in $(ARM_CPUS); do \
	  echo "Tests on $$cpu"; \
	  (cd build/aarch64 && QEMU_CPU=$$cpu $(CTEST)) || exit 1; \
	done

# What the library (1 MiB) and the program for devices may take, stripped.
DEVICE_BYTES = 1048576 1200000
device: packages ## the library and fettle-run for 64-bit Arm devices, in build/aarch64-device/device
	@tools/install_packages.sh packages-aarch64.txt
	@tools/make_arm_sysroot.sh arm64 build/aarch64-sysroot
	cmake --preset aarch64-device --log-level=WARNING
	cmake --build build/aarch64-device -j $(JOBS) --target fettle_device_library fettle_run \
	  device_library_test
	STRIP=aarch64-linux-gnu-strip READELF=aarch64-linux-gnu-readelf NM=aarch64-linux-gnu-nm \
	  tools/checks/check_size.sh build/aarch64-device $(DEVICE_BYTES)
	@for cpu in $(ARM_CPUS); do \
	  (cd build/aarch64-device && QEMU_CPU=$$cpu $(CTEST) -R '^device_library_test$$') || exit 1; \
	done

presets: packages build ## fettle-run by every device's preset, its outputs under QEMU beside this machine's
	@tools/install_packages.sh packages-aarch64.txt packages-armhf.txt
	@tools/make_arm_sysroot.sh arm64 build/aarch64-sysroot
	@tools/make_arm_sysroot.sh armhf build/armhf-sysroot
	JOBS=$(JOBS) tools/check_presets.py

format: ## put every source file into the house's format
	tools/checks/check_format.sh --fix

clean: ## remove build/ and demo-out/
	rm -rf build demo-out

help:
	@sed -n 's/^\([a-z0-9 ]*\):[a-z0-9 ]*## /\1: /p' Makefile
