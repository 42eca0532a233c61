import package.numbers

package.numbers.sign(1)
