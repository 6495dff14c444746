/* Inode numbers of a build: counted as files are first seen, so the host's own never show. */
#include "shim.h"

enum { PROBES = 64, SPINS = 1000, FIRST = 256, OUT_OF_TABLE = 1 << 30 };

uint64_t mix(uint64_t value)
{
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ull;
	value = (value ^ value >> 27) * 0x94d049bb133111ebull;
	return value ^ value >> 31;
}

/* Never 0, which marks a free slot. */
uint64_t inode_key(uint64_t inode, uint64_t device, uint64_t mount)
{
	return mix(inode + mix(device + mix(mount + 1))) | 1;
}

static uint32_t next_number(void)
{
	return FIRST + __atomic_fetch_add(&shared->next_inode, 1, __ATOMIC_RELAXED);
}

/* Another process may be between taking the slot and numbering it; should it die there, we number it. */
static uint32_t number_of(struct inode_slot *slot)
{
	uint32_t none = 0, number = 0;

	for (int i = 0; i < SPINS && !number; i++)
		number = __atomic_load_n(&slot->number, __ATOMIC_ACQUIRE);
	if (number)
		return number;
	number = next_number();
	if (__atomic_compare_exchange_n(&slot->number, &none, number, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return number;
	return none;
}

/* The host gives numbers of removed files to new ones; those are born at another time. */
static uint32_t check_birth(struct inode_slot *slot, uint32_t birth)
{
	uint32_t known = __atomic_load_n(&slot->birth, __ATOMIC_ACQUIRE);
	uint32_t number = number_of(slot);

	if (!birth || known == birth)
		return number;
	if (!__atomic_compare_exchange_n(&slot->birth, &known, birth, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE) || !known)
		return number_of(slot);
	number = next_number();
	__atomic_store_n(&slot->number, number, __ATOMIC_RELEASE);
	return number;
}

void prefetch_inode(uint64_t key)
{
	__builtin_prefetch(&shared->inodes[key % INODE_SLOTS]);
}

int was_looked_at(uint64_t key)
{
	for (unsigned i = 0; i < PROBES; i++) {
		const struct inode_slot *slot = &shared->inodes[(key + i) % INODE_SLOTS];
		uint64_t known = __atomic_load_n(&slot->key, __ATOMIC_ACQUIRE);

		if (known == key)
			return slot->birth != 0;
		if (!known)
			break;
	}
	return 0;
}

uint32_t inode_number(uint64_t key, uint32_t birth)
{
	for (unsigned i = 0; i < PROBES; i++) {
		struct inode_slot *slot = &shared->inodes[(key + i) % INODE_SLOTS];
		uint64_t known = __atomic_load_n(&slot->key, __ATOMIC_ACQUIRE);

		if (!known && __atomic_compare_exchange_n(&slot->key, &known, key, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
			slot->birth = birth;
			__atomic_store_n(&slot->number, next_number(), __ATOMIC_RELEASE);
			return slot->number;
		}
		if (known == key)
			return check_birth(slot, birth);
	}
	return OUT_OF_TABLE | (uint32_t)(key >> 34);
}
