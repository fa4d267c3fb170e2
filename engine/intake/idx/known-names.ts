/** Class names of data sets whose files carry only numbers. */

const fashionNames = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];
/** By SHA-256 of the labels: data sets whose class names are known. */
export const knownNames: Record<string, string[]> = {
  // Fashion-MNIST, training and test
  '657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7': fashionNames,
  '3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9': fashionNames,
  // its small part in resources/
  '18f6a2c6eba75507726480ff0ce2f600757096678dd8c382394eb855402cdd8b': fashionNames,
  a208a709a04a9e7d0b36f60219928ff61d1080ee5369cd29a471374818145377: fashionNames,
};
