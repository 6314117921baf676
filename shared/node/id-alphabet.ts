/** 32 letters and digits (without l, o, 0 and 1): five bits a character. The first 16 are letters. */
const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";

/** The character for the low five bits of a number. */
export const idCharacter = (bits: number): string => ALPHABET.charAt(bits & 31);

/** A letter for the low four bits of a number: an id starts with one. */
export const idLetter = (bits: number): string => ALPHABET.charAt(bits & 15);
